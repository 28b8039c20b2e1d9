using System.CommandLine;
using Midstream.Bench.Reports;

namespace Midstream.Bench.Commands;

/// <summary>What all commands share: where things are, and whether the run is kept.</summary>
internal sealed class BenchOptions
{
    private readonly Option<string> _repository = new("--repository")
    {
        Description = "The repository's root", HelpName = "FOLDER", DefaultValueFactory = _ => Directory.GetCurrentDirectory(),
    };

    private readonly Option<string> _commit = new("--commit")
    {
        Description = "The commit that is measured, for the run's file", HelpName = "ID", DefaultValueFactory = _ => "unknown",
    };

    private readonly Option<string?> _said = new("--command") { Description = "The command, as the run's file is to say it" };

    private readonly Option<bool> _noRecord = new("--no-record") { Description = "Print only; write nothing to bench/runs/" };

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        command.Options.Add(_repository);
        command.Options.Add(_commit);
        command.Options.Add(_said);
        command.Options.Add(_noRecord);
    }

    /// <summary>Returns the folder with what eng/build.sh has built.</summary>
    public string Artifacts(ParseResult parsed) => Path.Combine(parsed.GetRequiredValue(_repository), "artifacts");

    /// <summary>Prints what was measured, and keeps it unless told not to.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="change">Puts it into the run.</param>
    public void Report(ParseResult parsed, Func<BenchRun, BenchRun> change)
    {
        var folder = parsed.GetValue(_noRecord)
            ? Directory.CreateTempSubdirectory("midstream-bench-run-").FullName
            : Path.Combine(parsed.GetRequiredValue(_repository), "bench", "runs");
        var file = RunFile.Open(
            folder, DateOnly.FromDateTime(DateTime.UtcNow), parsed.GetRequiredValue(_commit), Machine.Read());
        file.Update(run => change(parsed.GetValue(_said) is { } command ? run.With(command) : run));
        Console.Write(File.ReadAllText(file.Markdown));
        if (parsed.GetValue(_noRecord))
            Directory.Delete(folder, recursive: true);
        else
            Console.Error.WriteLine($"bench: written to {file.Markdown}");
    }
}
