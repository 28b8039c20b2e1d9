using Midstream.Bench.Modules;
using Midstream.Bench.Steady;
using Midstream.Bench.Upgrades;

namespace Midstream.Bench.Reports;

/// <summary>Everything that was measured of one commit on one machine, in one go or in parts.</summary>
internal sealed record BenchRun
{
    /// <summary>The version of the file's form.</summary>
    public const int CurrentFormat = 1;

    public int Format { get; init; } = CurrentFormat;

    /// <summary>Gets the day, in UTC.</summary>
    public required DateOnly Day { get; init; }

    /// <summary>Gets the commit, with "-changed" behind it when files differed from it.</summary>
    public required string Commit { get; init; }

    public required Machine Machine { get; init; }

    /// <summary>Gets the commands that measured it.</summary>
    public IReadOnlyList<string> Commands { get; init; } = [];

    public IReadOnlyList<SeriesResult> Series { get; init; } = [];

    public SteadyResult? Steady { get; init; }

    public ModulesResult? Modules { get; init; }

    /// <summary>Returns the run with a series, in the place of an earlier one of the same id.</summary>
    public BenchRun With(SeriesResult series) => this with
    {
        Series = [.. Series.Where(other => other.Id != series.Id), series],
    };

    /// <summary>Returns the run with a command, unless it has it.</summary>
    public BenchRun With(string command) => Commands.Contains(command) ? this : this with { Commands = [.. Commands, command] };
}
