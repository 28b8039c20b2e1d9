namespace Midstream.Cli;

/// <summary>The exit codes of every command but <c>prove</c>, which has its own; docs/reference/cli.md lists both.</summary>
internal static class ExitCodes
{
    /// <summary>Done, or nothing to do.</summary>
    public const int Success = 0;

    /// <summary>It failed, and what ran before has not noticed.</summary>
    public const int Failed = 1;

    /// <summary>The command line, the configuration or the folder is wrong; nothing was begun.</summary>
    public const int Usage = 2;

    /// <summary>No supervisor answers.</summary>
    public const int NoSupervisor = 3;

    /// <summary>Another operation is under way.</summary>
    public const int Busy = 4;

    /// <summary>It was switched to, failed, and the previous release serves again.</summary>
    public const int RolledBack = 5;

    /// <summary>It failed, and nothing serves now.</summary>
    public const int Down = 6;

    /// <summary>It was given up at the operator's wish; what ran before has not noticed (128 + SIGINT).</summary>
    public const int Cancelled = 130;
}
