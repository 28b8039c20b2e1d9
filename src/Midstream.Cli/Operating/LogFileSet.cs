using System.Globalization;
using Midstream.Linux;

namespace Midstream.Cli.Operating;

/// <summary>All files of the workers' log at one moment, held open, so that a rotation cannot make one be read twice or
/// never.</summary>
internal sealed class LogFileSet : IDisposable
{
    private const int AttemptsMax = 20;
    private const string Compressed = ".gz";

    private readonly List<LogFile> _files;

    private LogFileSet(List<LogFile> files) => _files = files;

    /// <summary>Gets the files, newest first.</summary>
    public IReadOnlyList<LogFile> Files => _files;

    /// <summary>Opens the files.</summary>
    /// <param name="path">The log's newest file; older ones have the names that midstream or logrotate(8) gives them.</param>
    /// <returns>The files.</returns>
    public static LogFileSet Open(string path)
    {
        for (var attempt = 1; ; attempt++)
        {
            var names = Names(path);
            var set = new LogFileSet([.. names.Select(name => LogFile.TryOpen(name.Path)).OfType<LogFile>()]);
            // Files move while they are opened: only an unchanged list is one moment's.
            if (attempt == AttemptsMax || names.SequenceEqual(Names(path)))
            {
                set.RemoveCopyInTheMaking(path);
                return set;
            }

            set.Dispose();
        }
    }

    /// <summary>Takes files out of the set, for who reads them; the others are closed with the set.</summary>
    /// <param name="isTaken">Which.</param>
    /// <returns>The files, newest first.</returns>
    public List<LogFile> Take(Func<LogFile, bool> isTaken)
    {
        var taken = _files.Where(isTaken).ToList();
        _files.RemoveAll(taken.Contains);
        return taken;
    }

    public void Dispose() => _files.ForEach(file => file.Dispose());

    // logrotate's copytruncate: until the file is truncated, the same lines are in both.
    private void RemoveCopyInTheMaking(string path)
    {
        if (_files.Count < 2 || _files[0].Path != path || _files[0].IsEmpty)
            return;
        var (current, copy) = (_files[0], _files[1]);
        if (!current.Head.AsSpan().StartsWith(copy.Head))
            return;
        copy.Dispose();
        _files.RemoveAt(1);
    }

    private static List<(string Path, FileIdentity File)> Names(string path)
    {
        var folder = Path.GetDirectoryName(path) ?? "/";
        if (!Directory.Exists(folder))
            return [];
        var all = Directory.EnumerateFiles(folder, Path.GetFileName(path) + "*").ToHashSet(StringComparer.Ordinal);
        // Of a compression that is being put in its place, both are there: the same lines.
        all.RemoveWhere(name => name.EndsWith(Compressed, StringComparison.Ordinal) && all.Contains(name[..^Compressed.Length]));
        return
        [
            .. all.Select(name => (Path: name, Age: AgeOf(name[path.Length..])))
                .Where(file => file.Age is not null)
                .OrderBy(file => file.Age!.Value.Number)
                .ThenByDescending(file => file.Age!.Value.Date, StringComparer.Ordinal)
                .Select(file => (file.Path, FileIdentity.TryFind(file.Path, out var found, out _) ? found : default)),
        ];
    }

    // The number, as in ".3.gz", counts from the newest; the date, as in "-20261123.gz" (dateext), from the oldest.
    private static (int Number, string Date)? AgeOf(string suffix)
    {
        if (suffix.Length == 0)
            return (0, "");
        var name = suffix.EndsWith(Compressed, StringComparison.Ordinal) ? suffix[1..^Compressed.Length] : suffix[1..];
        if (suffix[0] == '.' && int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return (number, "");
        return suffix[0] == '-' && name.Length > 0 && char.IsAsciiDigit(name[0]) ? (int.MaxValue, name) : null;
    }
}
