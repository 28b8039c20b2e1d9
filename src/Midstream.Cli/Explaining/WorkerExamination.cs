// A program of its own attaches to the worker, because the library that can is not for Native AOT. Whatever becomes of it, the
// worker goes on: the kernel lets go of it when its tracer ends, this process ends a tracer that takes too long, and then wakes
// a worker that was left stopped.

using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Midstream.Core.Modules;
using Midstream.Linux;

namespace Midstream.Cli.Explaining;

/// <summary>Looks into a worker from outside, which stands still meanwhile.</summary>
internal static class WorkerExamination
{
    private static readonly TimeSpan s_startTime = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(1);

    private static readonly string s_program = Path.Combine(AppContext.BaseDirectory, "roots", "Midstream.Roots.dll");

    /// <summary>Finds what keeps load contexts in a worker's memory.</summary>
    /// <param name="pid">The worker.</param>
    /// <param name="contexts">The contexts' names.</param>
    /// <param name="timeMax">How long the worker may stand still.</param>
    /// <param name="givenUp">Ends it; the worker goes on.</param>
    public static async Task<RootReport> ExamineAsync(
        int pid, IReadOnlyList<string> contexts, TimeSpan timeMax, CancellationToken givenUp)
    {
        if (ProcessStat.TryRead(pid) is not { } worker)
            return Failed($"Process {pid} has ended.");
        if (worker.State == ProcessTracing.Stopped)
            return Failed($"Process {pid} is stopped by a signal: it would go on.");
        if (!File.Exists(s_program))
            return Failed($"{s_program} is not there: the installation of midstream is not complete.");
        if (DotnetHost.Find(pid) is not { } host)
            return Failed(
                "No .NET host was found to run what attaches: the worker brings its own runtime along. Install the .NET " +
                    "runtime, or say by DOTNET_ROOT where it is.");
        using var tracer = Process.Start(Order(host, pid, contexts, timeMax))!;
        try
        {
            return await HearAsync(tracer, pid, timeMax, givenUp);
        }
        finally
        {
            tracer.Kill();
            await tracer.WaitForExitAsync(CancellationToken.None);
            ProcessTracing.Release(worker);
        }
    }

    private static ProcessStartInfo Order(string host, int pid, IReadOnlyList<string> contexts, TimeSpan timeMax)
    {
        var order = new ProcessStartInfo(host)
        {
            ArgumentList =
            {
                s_program, Text(pid), Text((long)timeMax.TotalMilliseconds),
            },
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var context in contexts)
            order.ArgumentList.Add(context);
        return order;
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    // Its first line comes just before it attaches; the second is the report.
    private static async Task<RootReport> HearAsync(Process tracer, int pid, TimeSpan timeMax, CancellationToken givenUp)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(givenUp);
        patience.CancelAfter(s_startTime);
        var errors = tracer.StandardError.ReadToEndAsync(CancellationToken.None);
        var attached = 0L;
        try
        {
            if (await tracer.StandardOutput.ReadLineAsync(patience.Token) is null)
                return Failed($"What attaches has not started: {(await errors).Trim()}");
            attached = Stopwatch.GetTimestamp();
            patience.CancelAfter(timeMax + s_grace);
            if (await tracer.StandardOutput.ReadLineAsync(patience.Token) is { } report)
                return RootReport.Read(report);
            return Failed($"What attached to process {pid} ended before it had a result. {(await errors).Trim()}", attached);
        }
        catch (OperationCanceledException)
        {
            return Failed(
                attached == 0 ? "What attaches has not started in time."
                    : $"What attached to process {pid} had no result in time, and was ended.",
                attached);
        }
        catch (JsonException)
        {
            return Failed($"What attached to process {pid} wrote no report.", attached);
        }
    }

    // At most so long: it may have let go before.
    private static RootReport Failed(string problem, long attached = 0) => new(
        attached == 0 ? 0 : Stopwatch.GetElapsedTime(attached).TotalMilliseconds, IsComplete: false, [], problem);
}
