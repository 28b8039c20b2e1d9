using Midstream.Control.Operators;
using Midstream.Core.Deployments;
using Midstream.Linux;
using Midstream.Supervisor.Services;

namespace Midstream.Supervisor.Succession;

/// <summary>A program that has passed its try-out and is to follow this one.</summary>
/// <param name="Program">Its path.</param>
/// <param name="Operation">The operation, which holds the slot.</param>
/// <param name="Connection">The operator's connection, which awaits the result; null when nobody does.</param>
/// <param name="Reserve">The descriptors that the departure takes.</param>
internal sealed record UpgradeWish(
    string Program, Operation Operation, FileDescriptor? Connection, DescriptorReserve Reserve);

/// <summary>Takes the wish for another supervisor's program, up to the point where this one must go.</summary>
/// <param name="slot">Makes sure that it meets no other operation.</param>
/// <param name="tryOut">Tries the program out.</param>
/// <param name="service">Writes down how it ended.</param>
/// <param name="descriptorsNeeded">How many descriptors the departure takes.</param>
/// <param name="writeOwed">Writes what could not be written before, which the next program would not know; returns why it still
/// cannot be.</param>
/// <param name="time">Measures how long it takes.</param>
/// <param name="stopping">The supervisor stops: what was not tried out by then does not follow.</param>
internal sealed class SelfUpgrade(
    OperationSlot slot, ITryOut tryOut, Service service, Func<int> descriptorsNeeded, Func<IOException?> writeOwed,
    TimeProvider time, CancellationToken stopping)
{
    private readonly TaskCompletionSource<UpgradeWish> _wished = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Gets a task with the program that is to follow.</summary>
    public Task<UpgradeWish> Wished => _wished.Task;

    /// <summary>Tries a program out and, if it is fit, makes the wish.</summary>
    /// <param name="program">Its path; null for the one at the path this one was started from.</param>
    /// <param name="who">Who asks.</param>
    /// <param name="onPhase">Told of each phase as it begins; null when nobody listens.</param>
    /// <param name="connection">The operator's connection; null when nobody awaits the result.</param>
    /// <returns>A refusal or a failure; null when the next program gives the answer.</returns>
    public async Task<OperatorEvent?> RunAsync(
        string? program, Operator who, Action<PhaseEvent>? onPhase, FileDescriptor? connection)
    {
        var operation = new Operation("upgrade", who, onPhase, time);
        if (await slot.TryBeginAsync(operation) is { } refused)
            return refused;
        var path = program ?? OwnProgram();
        operation.Enter(DeploymentPhase.Start, path);
        var (version, fault) = await tryOut.RunAsync(path, stopping);
        if (fault is null && writeOwed() is { } unwritten)
            fault = $"The state could not be written: {unwritten.Message} Make room and try again.";
        if (fault is null && TryReserve(out fault) is { } reserve)
        {
            operation.Enter(DeploymentPhase.Switch, $"to version {version}");
            _wished.SetResult(new UpgradeWish(path, operation, connection, reserve));
            return null;
        }

        using (operation)
        {
            var result = service.UpgradeEnded(operation.Who, fault, operation.ElapsedMs);
            slot.End(operation);
            return result;
        }
    }

    // Once the departure has begun there is no way back in this program, so what it takes is made sure of before.
    private DescriptorReserve? TryReserve(out string? fault)
    {
        fault = null;
        try
        {
            return DescriptorReserve.Hold(descriptorsNeeded());
        }
        catch (LinuxException none)
        {
            fault = $"{none.Message} Raise the limit (ulimit -n, LimitNOFILE=) and try again.";
            return null;
        }
    }

    // The path as it was: the kernel marks it when the file has been replaced, which is just why one updates.
    private static string OwnProgram()
    {
        const string Deleted = " (deleted)";
        var path = File.ResolveLinkTarget("/proc/self/exe", returnFinalTarget: false)?.FullName ?? Environment.ProcessPath!;
        return path.EndsWith(Deleted, StringComparison.Ordinal) ? path[..^Deleted.Length] : path;
    }
}
