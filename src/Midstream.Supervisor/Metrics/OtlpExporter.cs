using System.Net.Http.Headers;

namespace Midstream.Supervisor.Metrics;

/// <summary>
/// Pushes the metrics to an OpenTelemetry collector, over HTTP and in OTLP's JSON, every interval and once more at the end.
/// </summary>
/// <remarks>A push that fails is not repeated: the next one carries everything. The first failure of a row is reported, and so is
/// the success that ends it.</remarks>
internal sealed class OtlpExporter : IAsyncDisposable
{
    private static readonly TimeSpan s_lastWords = TimeSpan.FromSeconds(2);

    private readonly OtlpSettings _settings;
    private readonly Func<MetricsSnapshot> _read;
    private readonly ISupervisorObserver _observer;
    private readonly HttpClient _http = new() { Timeout = Timeout.InfiniteTimeSpan };
    private readonly CancellationTokenSource _stopped = new();
    private readonly Task _pushing;
    private bool _hasFailed;

    private OtlpExporter(OtlpSettings settings, Func<MetricsSnapshot> read, ISupervisorObserver observer)
    {
        _settings = settings;
        _read = read;
        _observer = observer;
        foreach (var (name, value) in settings.Headers)
            _http.DefaultRequestHeaders.TryAddWithoutValidation(name, value);
        _pushing = PushAgainAndAgainAsync();
    }

    /// <summary>Starts to push, if the environment asks for it.</summary>
    /// <param name="variable">Reads a variable of the environment.</param>
    /// <param name="read">Reads the service as it is; called from any thread.</param>
    /// <param name="observer">Told when it does not work.</param>
    /// <returns>The exporter; null when it is not asked for, and then nothing is loaded or started.</returns>
    public static OtlpExporter? Start(
        Func<string, string?> variable, Func<MetricsSnapshot> read, ISupervisorObserver observer)
    {
        var settings = OtlpSettings.Read(variable, out var problem);
        if (problem is not null)
            observer.Warning("MetricsExportFailed", problem);
        return settings is null ? null : new OtlpExporter(settings, read, observer);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopped.CancelAsync();
        await _pushing;
        await PushAsync(s_lastWords);
        _http.Dispose();
        _stopped.Dispose();
    }

    private async Task PushAgainAndAgainAsync()
    {
        using var timer = new PeriodicTimer(_settings.Interval);
        try
        {
            while (await timer.WaitForNextTickAsync(_stopped.Token))
                await PushAsync(_settings.Timeout);
        }
        catch (OperationCanceledException)
        {
            // The supervisor stops.
        }
    }

    private async Task PushAsync(TimeSpan timeout)
    {
        using var patience = new CancellationTokenSource(timeout);
        try
        {
            using var body = new ByteArrayContent(OtlpJson.Write(_read(), DateTimeOffset.UtcNow));
            body.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            using var answer = await _http.PostAsync(_settings.Endpoint, body, patience.Token);
            answer.EnsureSuccessStatusCode();
            if (_hasFailed)
                _observer.Information("MetricsExported", $"Metrics reach {_settings.Endpoint} again.");
            _hasFailed = false;
        }
#pragma warning disable CA1031 // Failing to report never changes state, and never ends the supervisor.
        catch (Exception failed)
#pragma warning restore CA1031
        {
            if (!_hasFailed)
                _observer.Warning("MetricsExportFailed", $"Metrics cannot be pushed to {_settings.Endpoint}: {failed.Message}");
            _hasFailed = true;
        }
    }
}
