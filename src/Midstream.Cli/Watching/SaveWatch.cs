using System.Diagnostics;
using System.Threading.Channels;

namespace Midstream.Cli.Watching;

/// <summary>Tells that something was saved. The kernel's events only say that it is time to look: which were lost, and what an
/// editor makes of one save (rename, delete, several writes), makes no difference.</summary>
internal sealed class SaveWatch : IDisposable
{
    /// <summary>After so long without another event a burst is over.</summary>
    public static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(100);

    // A program that writes all the time must not keep the build from ever beginning.
    private static readonly TimeSpan s_burstMax = TimeSpan.FromSeconds(2);

    private readonly Channel<bool> _bell = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private readonly List<FileSystemWatcher> _watchers = [];
    private readonly WatchedProject _project;

    public SaveWatch(WatchedProject project)
    {
        _project = project;
        foreach (var folder in project.Folders)
            _watchers.Add(Watch(folder));
    }

    /// <summary>Waits for a save, and for the end of the burst of events that it makes.</summary>
    /// <returns>When the first event came, in ticks of the stopwatch.</returns>
    public async Task<long> WaitAsync(CancellationToken cancellationToken)
    {
        await _bell.Reader.ReadAsync(cancellationToken);
        var begun = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(begun) < s_burstMax && await RingsAgainAsync(cancellationToken))
        {
        }

        return begun;
    }

    public void Dispose() => _watchers.ForEach(watcher => watcher.Dispose());

    private async Task<bool> RingsAgainAsync(CancellationToken cancellationToken)
    {
        using var quiet = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        quiet.CancelAfter(Quiet);
        try
        {
            await _bell.Reader.ReadAsync(quiet.Token);
            return true;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    private FileSystemWatcher Watch(string folder)
    {
        var watcher = new FileSystemWatcher(folder)
        {
            IncludeSubdirectories = true,
            NotifyFilter = NotifyFilters.FileName | NotifyFilters.DirectoryName | NotifyFilters.LastWrite | NotifyFilters.Size,
        };
        watcher.Changed += (_, changed) => RingFor(changed.FullPath);
        watcher.Created += (_, changed) => RingFor(changed.FullPath);
        watcher.Deleted += (_, changed) => RingFor(changed.FullPath);
        watcher.Renamed += (_, changed) => RingFor(changed.FullPath);
        // Events were lost: whoever looks sees what they would have told.
        watcher.Error += (_, _) => _bell.Writer.TryWrite(true);
        watcher.EnableRaisingEvents = true;
        return watcher;
    }

    private void RingFor(string file)
    {
        if (_project.IsInput(file))
            _bell.Writer.TryWrite(true);
    }
}
