using Midstream.Core.Configuration;
using Midstream.Linux;
using Midstream.Supervisor.Counters;
using Midstream.Supervisor.Metrics;
using Midstream.Supervisor.Workers;

namespace Midstream.Supervisor.Services;

/// <summary>
/// What is counted over all workers there ever were, kept on disk so that it goes on after the supervisor's own end, and given to
/// whoever collects it.
/// </summary>
internal sealed class Telemetry : IAsyncDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const int TicksBetweenWrites = 10;

    private readonly string _file;
    private readonly WorkerFollower _follower;
    private readonly ISupervisorObserver _observer;
    private byte[] _saved = [];
    private int _ticks;
    private long _hung;
    private MetricsEndpoint? _endpoint;
    private OtlpExporter? _exporter;

    /// <summary>Goes on with the counts that are on disk.</summary>
    /// <param name="file">The file; need not exist.</param>
    /// <param name="observer">Told of what goes wrong.</param>
    public Telemetry(string file, ISupervisorObserver observer)
    {
        _file = file;
        _observer = observer;
        Counters = ServiceCounters.FromState(ReadFile(file), TimeProvider.System);
        Watch = new LivenessWatch(TimeProvider.System);
        _follower = new WorkerFollower(Counters, Watch);
    }

    /// <summary>Gets the counts.</summary>
    public ServiceCounters Counters { get; }

    /// <summary>Gets the workers' signs of life.</summary>
    public LivenessWatch Watch { get; }

    /// <summary>Gets the number of workers found hung since the supervisor's start.</summary>
    public long Hung => Interlocked.Read(ref _hung);

    /// <summary>Counts what a worker reports, from now to its end.</summary>
    /// <param name="worker">The worker.</param>
    public void Follow(Worker worker) => _follower.Follow(worker);

    /// <summary>Counts a worker that hangs.</summary>
    public void CountHung() => Interlocked.Increment(ref _hung);

    /// <summary>Begins to give the counts to whoever collects them.</summary>
    /// <param name="metrics">Where they are asked for; nothing is started where nobody does.</param>
    /// <param name="read">Reads the service as it is.</param>
    /// <exception cref="SupervisorException">An address cannot be had.</exception>
    public void Publish(MetricsModel metrics, Func<MetricsSnapshot> read)
    {
        _endpoint = MetricsEndpoint.Start(metrics.Listen, read, _observer);
        _exporter = OtlpExporter.Start(Environment.GetEnvironmentVariable, read, _observer);
    }

    /// <summary>Called once a second: writes the counts down now and then, if they have changed.</summary>
    public void SaveNowAndThen()
    {
        if (++_ticks % TicksBetweenWrites == 0)
            Save();
    }

    /// <summary>Writes the counts down. A disk that is full costs the counts since the last time, and nothing else.</summary>
    public void Save()
    {
        var bytes = Counters.ToState().ToBytes();
        if (bytes.AsSpan().SequenceEqual(_saved))
            return;
        try
        {
            AtomicFile.Write(_file, bytes, OwnerOnly);
            _saved = bytes;
        }
        catch (IOException full)
        {
            _observer.Warning("CountersNotWritten", $"The counters could not be written: {full.Message}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        Save();
        if (_endpoint is not null)
            await _endpoint.DisposeAsync();
        if (_exporter is not null)
            await _exporter.DisposeAsync();
    }

    private static CountersState? ReadFile(string file) =>
        File.Exists(file) ? CountersState.FromBytes(File.ReadAllBytes(file)) : null;
}
