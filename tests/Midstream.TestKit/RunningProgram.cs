using System.Diagnostics;
using System.Text;

namespace Midstream.TestKit;

/// <summary>
/// A real process with everything it writes, which a test can wait for by content instead of by time.
/// </summary>
public sealed class RunningProgram : IAsyncDisposable
{
    /// <summary>The bound of every wait: long enough for a busy machine, short enough to find a hang.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _error = new();
    private readonly Lock _lock = new();
    private TaskCompletionSource _written = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private bool _disposed;

    private RunningProgram(Process process) => _process = process;

    /// <summary>Gets the process id.</summary>
    public int Pid => _process.Id;

    /// <summary>Gets whether the process has ended.</summary>
    public bool HasExited => _disposed || _process.HasExited;

    /// <summary>Gets what it has written to standard error by now.</summary>
    public string Error
    {
        get
        {
            lock (_lock)
                return _error.ToString();
        }
    }

    /// <summary>Gets what it has written to standard output by now.</summary>
    public string Output
    {
        get
        {
            lock (_lock)
                return _output.ToString();
        }
    }

    /// <summary>Starts a program.</summary>
    /// <param name="program">The program.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="workingDirectory">Where it runs; null for this process's folder.</param>
    /// <param name="environment">Variables to set, or to remove when null.</param>
    /// <returns>The running program.</returns>
    public static RunningProgram Start(
        string program,
        IEnumerable<string> arguments,
        string? workingDirectory = null,
        IReadOnlyDictionary<string, string?>? environment = null)
    {
        // As from a terminal: a test run in a shell's background has inherited an ignored INT, and would hand that on. env(1)
        // becomes the program, so the process id is the program's.
        var start = new ProcessStartInfo("/usr/bin/env", ["--default-signal=INT,QUIT", program, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            WorkingDirectory = workingDirectory ?? "",
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string?>())
            start.Environment[name] = value;

        var running = new RunningProgram(new Process { StartInfo = start });
        running._process.OutputDataReceived += (_, line) => running.Take(running._output, line.Data);
        running._process.ErrorDataReceived += (_, line) => running.Take(running._error, line.Data);
        running._process.Start();
        running._process.StandardInput.Close();
        running._process.BeginOutputReadLine();
        running._process.BeginErrorReadLine();
        return running;
    }

    /// <summary>Runs a program to its end.</summary>
    /// <inheritdoc cref="Start"/>
    /// <returns>How it ended.</returns>
    public static async Task<ProgramResult> RunAsync(
        string program,
        IEnumerable<string> arguments,
        string? workingDirectory = null,
        IReadOnlyDictionary<string, string?>? environment = null)
    {
        await using var running = Start(program, arguments, workingDirectory, environment);
        return await running.WaitAsync();
    }

    /// <summary>Waits until the program has written a text to standard error or output.</summary>
    /// <param name="text">The text.</param>
    /// <returns>A task that ends then.</returns>
    /// <exception cref="TimeoutException">It did not, in time; the message has all it wrote.</exception>
    public async Task WaitForTextAsync(string text)
    {
        using var bound = new CancellationTokenSource(Patience);
        while (true)
        {
            Task written;
            lock (_lock)
                written = _written.Task;
            if (Error.Contains(text, StringComparison.Ordinal) || Output.Contains(text, StringComparison.Ordinal))
                return;
            if (_process.HasExited || bound.IsCancellationRequested)
                throw new TimeoutException($"'{text}' was not written.\n{Describe()}");
            await Task.WhenAny(written, _process.WaitForExitAsync(bound.Token));
        }
    }

    /// <summary>Waits for the program's end.</summary>
    /// <param name="patience">The bound; null for <see cref="Patience"/>.</param>
    /// <returns>How it ended.</returns>
    /// <exception cref="TimeoutException">It did not end in time.</exception>
    public async Task<ProgramResult> WaitAsync(TimeSpan? patience = null)
    {
        using var bound = new CancellationTokenSource(patience ?? Patience);
        try
        {
            await _process.WaitForExitAsync(bound.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"The program did not end.\n{Describe()}");
        }

        return new ProgramResult(_process.ExitCode, Output, Error);
    }

    /// <summary>Sends a signal.</summary>
    /// <param name="name">Its name without SIG.</param>
    public void Signal(string name) => Processes.Signal(Pid, name);

    /// <summary>Kills the program, if it still runs.</summary>
    /// <returns>A task that ends when it is gone.</returns>
    public async ValueTask DisposeAsync()
    {
        if (_disposed)
            return;
        _disposed = true;
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
    }

    private string Describe() => $"{_process.StartInfo.FileName} {string.Join(' ', _process.StartInfo.ArgumentList)}\n" +
        $"--- standard output\n{Output}\n--- standard error\n{Error}";

    private void Take(StringBuilder into, string? line)
    {
        if (line is null)
            return;
        TaskCompletionSource written;
        lock (_lock)
        {
            into.Append(line).Append('\n');
            written = _written;
            _written = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        written.TrySetResult();
    }
}
