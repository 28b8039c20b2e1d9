using System.Diagnostics.Metrics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Midstream.Core.Modules;
using Midstream.Modules.Events;

namespace Midstream.Modules.Loading;

/// <summary>What one generation is lent. Everything it hands out ends when it is disposed of.</summary>
internal sealed class GenerationContext : IModuleContext, IHostApplicationLifetime, IDisposable
{
    private static readonly TimeSpan s_connectionLifetime = TimeSpan.FromMinutes(2);

    private readonly ModuleManifest _manifest;
    private volatile CancellationTokenSource _draining = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly GenerationConfiguration _configuration;
    private readonly GenerationTime _time;
    private readonly GenerationWork _work;
    private readonly Lazy<SocketsHttpHandler> _http =
        new(() => new SocketsHttpHandler { PooledConnectionLifetime = s_connectionLifetime });

    public GenerationContext(
        ModuleManifest manifest, long generation, IConfiguration section, TimeProvider clock, GenerationEvents events,
        ILogger logger)
    {
        _manifest = manifest;
        Generation = generation;
        _configuration = new GenerationConfiguration(section);
        _time = new GenerationTime(clock);
        _work = new GenerationWork(manifest.Name, generation, logger);
        Events = events;
        Meter = new Meter($"Midstream.Module.{manifest.Name}", manifest.Version);
    }

    public string Name => _manifest.Name;

    public string Version => _manifest.Version;

    public long Generation { get; }

    public IConfiguration Configuration => _configuration.Root;

    public TimeProvider Time => _time;

    public Meter Meter { get; }

    public GenerationEvents Events { get; }

    public CancellationToken Draining => _draining.Token;

    public CancellationToken Stopping => _stopping.Token;

    /// <summary>Gets the names of the work that runs.</summary>
    public IReadOnlyList<string> Running => _work.Running;

    IModuleEvents IModuleContext.Events => Events;

    // A generation's life is not the host's: libraries that ask for the host's lifetime get the generation's.
    CancellationToken IHostApplicationLifetime.ApplicationStarted => new(canceled: true);

    CancellationToken IHostApplicationLifetime.ApplicationStopping => Stopping;

    CancellationToken IHostApplicationLifetime.ApplicationStopped => Stopping;

    public HttpClient CreateHttpClient() => new(_http.Value, disposeHandler: false);

    public void Run(string name, Func<CancellationToken, Task> work) => _work.Run(name, work, Stopping);

    void IHostApplicationLifetime.StopApplication() =>
        throw new NotSupportedException("A module cannot stop its host.");

    public Task BeginDrainAsync() => _draining.CancelAsync();

    /// <summary>Takes the drain back: the generation serves again.</summary>
    public void EndDrain()
    {
        // The old source is left to the collector: requests may still hold its token.
        if (_draining.IsCancellationRequested)
            _draining = new CancellationTokenSource();
    }

    public Task BeginStopAsync() => _stopping.CancelAsync();

    public Task EndWorkAsync() => _work.EndAsync();

    public void Dispose()
    {
        Events.Dispose();
        _time.Dispose();
        _configuration.Dispose();
        Meter.Dispose();
        if (_http.IsValueCreated)
            _http.Value.Dispose();
        _draining.Dispose();
        _stopping.Dispose();
    }
}
