namespace Midstream.Bench.Reports;

/// <summary>
/// Where a run is kept: &lt;day&gt;-&lt;commit&gt;.json and the same as .md. What is measured later of the same commit on the
/// same day is put beside what is there, so that a run can be made in parts.
/// </summary>
internal sealed class RunFile
{
    private readonly string _path;

    private RunFile(string path, BenchRun run)
    {
        _path = path;
        Run = run;
    }

    /// <summary>Gets what is in it.</summary>
    public BenchRun Run { get; private set; }

    /// <summary>Gets the file for people.</summary>
    public string Markdown => _path + ".md";

    /// <summary>Opens a run's file, which need not be there yet.</summary>
    /// <param name="folder">Where runs are kept.</param>
    /// <param name="day">The day.</param>
    /// <param name="commit">The commit.</param>
    /// <param name="machine">The machine; a file of another one is not gone on with.</param>
    public static RunFile Open(string folder, DateOnly day, string commit, Machine machine)
    {
        var path = Path.Combine(folder, $"{day:yyyy-MM-dd}-{commit}");
        var run = File.Exists(path + ".json") ? BenchRunJson.Read(File.ReadAllText(path + ".json")) : null;
        if (run is not null && run.Machine != machine)
            throw new BenchException($"{path}.json is of another machine: move it away");
        return new RunFile(path, run ?? new BenchRun { Day = day, Commit = commit, Machine = machine });
    }

    /// <summary>Puts in what was measured, and writes both files.</summary>
    /// <param name="change">What to put in.</param>
    public void Update(Func<BenchRun, BenchRun> change)
    {
        Run = change(Run);
        Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
        File.WriteAllText(_path + ".json", BenchRunJson.Write(Run));
        File.WriteAllText(Markdown, RunDocument.Render(Run));
    }
}
