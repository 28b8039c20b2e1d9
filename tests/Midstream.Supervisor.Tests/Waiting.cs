// For what nobody announces; every other wait is for an event.

using Midstream.Supervisor.Services;

namespace Midstream.Supervisor.Tests;

internal static class Waiting
{
    internal static async Task UntilAsync(Func<bool> holds)
    {
        using var bound = new CancellationTokenSource(Scene.Patience);
        while (!holds())
        {
            bound.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    internal static Task IsFreeAsync(this OperationSlot slot) => UntilAsync(() => slot.Current is null);

    internal static Task IsTakenAsync(this OperationSlot slot) => UntilAsync(() => slot.Current is not null);
}
