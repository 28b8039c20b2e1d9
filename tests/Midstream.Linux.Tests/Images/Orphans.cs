namespace Midstream.Linux.Tests.Images;

internal static class Orphans
{
    internal static Task RunAsync() => Task.CompletedTask;
}
