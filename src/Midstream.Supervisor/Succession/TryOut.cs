using System.Text;
using Midstream.Linux;

namespace Midstream.Supervisor.Succession;

/// <summary>Finds out whether a program is fit to follow this one.</summary>
internal interface ITryOut
{
    /// <summary>Tries a program out.</summary>
    /// <param name="program">Its path.</param>
    /// <param name="stopping">The supervisor stops: nobody is to follow it.</param>
    /// <returns>Its version, or what is wrong.</returns>
    Task<(string? Version, string? Fault)> RunAsync(string program, CancellationToken stopping);
}

/// <summary>
/// Runs a program that is to follow this one for a moment, beside this one, to see whether it is a supervisor at all, and can
/// read the configuration and the state.
/// </summary>
/// <param name="spawner">Starts it.</param>
/// <param name="poller">Waits for it.</param>
internal sealed class TryOut(IProcessSpawner spawner, FdPoller poller) : ITryOut
{
    /// <summary>The environment variable that makes <c>run</c> a try-out.</summary>
    public const string VariableName = "MIDSTREAM_TRY_OUT";

    /// <summary>What a successful try-out's output begins with; the program's version follows.</summary>
    public const string Passed = "midstream can take over, version ";

    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(10);

    public async Task<(string? Version, string? Fault)> RunAsync(string program, CancellationToken stopping)
    {
        try
        {
            return await RunOnceAsync(program, stopping);
        }
        catch (LinuxException cannot)
        {
            return (null, $"{program} cannot be started: {cannot.Message}");
        }
    }

    private async Task<(string? Version, string? Fault)> RunOnceAsync(
        string program, CancellationToken stopping)
    {
        var (pipe, writer) = OutputPipe.Create(poller);
        using var reader = pipe;
        using var closedHere = writer;
        var environment = Successor.Variables();
        environment[VariableName] = "1";
        using var process = spawner.Spawn(new SpawnRequest
        {
            Command = [program, .. Successor.CommandLine.Skip(1)],
            WorkingDirectory = Environment.CurrentDirectory,
            Environment = environment,
            StandardOutput = writer,
            StandardError = writer,
        });
        writer.Dispose();
        var output = ReadAsync(reader);
        var isLate = await Task.WhenAny(process.Exited, Task.Delay(s_timeout, stopping)) != process.Exited;
        process.SignalGroup(Signal.SIGKILL);
        var exit = await process.Exited;
        var text = (await output).Trim();
        if (stopping.IsCancellationRequested)
            return (null, "The supervisor was asked to stop.");
        if (isLate)
            return (null, $"{program} did not finish its try-out within {s_timeout.TotalSeconds:0} s.");
        return exit.Success && text.Split('\n')[^1] is var last && last.StartsWith(Passed, StringComparison.Ordinal)
            ? (last[Passed.Length..], null)
            : (null, $"{program} {exit} in its try-out, and said: {(text.Length == 0 ? "nothing" : text)}");
    }

    private static async Task<string> ReadAsync(OutputPipe pipe)
    {
        const int SizeMax = 4096;
        var buffer = new byte[SizeMax];
        var length = 0;
        int count;
        while (length < SizeMax && (count = await pipe.ReadAsync(buffer.AsMemory(length))) > 0)
            length += count;
        return Encoding.UTF8.GetString(buffer, 0, length);
    }
}
