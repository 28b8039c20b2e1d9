namespace Midstream.Cli.Operating;

/// <summary>Ends a command with an exit code and a sentence for the operator.</summary>
/// <param name="exitCode">One of <see cref="ExitCodes"/>.</param>
/// <param name="message">What happened, to what, and what to do next.</param>
internal sealed class CommandException(int exitCode, string message) : Exception(message)
{
    /// <summary>Gets the exit code.</summary>
    public int ExitCode { get; } = exitCode;
}
