using Midstream.Core.Configuration;
using Midstream.Core.Liveness;
using Midstream.Supervisor.Counters;
using Midstream.Supervisor.Requests;
using Midstream.Supervisor.Workers;

namespace Midstream.Supervisor.Services;

/// <summary>
/// Looks after the workers that serve, once a second: who is hung, unhealthy, has grown past its memory limit or asks for it
/// itself is complained of, so that another takes its place. While an operation is under way its own checks count.
/// </summary>
internal sealed class Care(
    ServiceSettings settings,
    ServiceSituation situation,
    OperationSlot slot,
    IGenerationClients clients,
    LivenessWatch watch,
    Upkeep upkeep,
    Action<Worker, string> onHung,
    TimeProvider time)
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_longRequest = TimeSpan.FromSeconds(10);

    // Who could not be replaced is complained of again, but not all the time.
    private static readonly TimeSpan s_again = TimeSpan.FromMinutes(1);

    private readonly Dictionary<Worker, Ward> _wards = [];

    /// <summary>Looks until the supervisor stops.</summary>
    /// <param name="stopping">The supervisor stops.</param>
    /// <returns>A task that ends then.</returns>
    public async Task RunAsync(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(s_interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stopping))
                Look(stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Nobody is to be replaced any more.
        }
    }

    private void Look(CancellationToken stopping)
    {
        var serving = situation.Pool.Serving;
        foreach (var gone in _wards.Keys.Except(serving).ToList())
            _wards.Remove(gone);
        foreach (var worker in serving)
        {
            if (!_wards.TryGetValue(worker, out var ward))
                _wards[worker] = ward = new Ward();
            var verdict = JudgeLiveness(worker, ward);
            if (slot.Current is not null)
                continue;
            AskHealth(worker, ward, stopping);
            if (FindFault(worker, ward, verdict) is { } fault)
                Complain(worker, ward, fault, verdict.IsHung());
        }
    }

    // Judged also while an operation is under way: silence is measured from look to look.
    private LivenessVerdict JudgeLiveness(Worker worker, Ward ward)
    {
        var timeout = settings.Model.Workers.HeartbeatTimeout;
        var limits = new LivenessLimits(timeout == TimeSpan.Zero ? TimeSpan.MaxValue : timeout, s_longRequest);
        return watch.Judge(worker.Name, ward.Health, limits);
    }

    private string? FindFault(Worker worker, Ward ward, LivenessVerdict verdict)
    {
        if (verdict == LivenessVerdict.HungSilent)
            return $"it has given no sign of life for {settings.Model.Workers.HeartbeatTimeout.TotalSeconds:0.###} s " +
                "(workers.heartbeat_timeout_ms).";
        if (verdict == LivenessVerdict.HungUnhealthy)
            return ward.LastFault;
        if (watch.WishOf(worker.Name) is { } wish)
            return $"it asks for it: {wish}";
        return settings.Model.Limits.MemoryMaxBytes is { } max && worker.ResidentBytes is { } resident
            && resident > max ? $"it has grown to {resident} bytes of memory; limits.memory_max_bytes is {max}." : null;
    }

    private void Complain(Worker worker, Ward ward, string fault, bool isHung)
    {
        if (ward.ComplainedAt is { } last && time.GetElapsedTime(last) < s_again)
            return;
        ward.ComplainedAt = time.GetTimestamp();
        if (isHung)
        {
            worker.IsHung = true;
            onHung(worker, fault);
        }

        upkeep.Complain(new Complaint(worker, fault));
    }

    private void AskHealth(Worker worker, Ward ward, CancellationToken stopping)
    {
        if (settings.Model.Health is not { } health || !worker.SpeaksMidstream || !ward.Asking.IsCompleted)
            return;
        ward.Asking = AskAsync(worker, ward, health, stopping);
    }

    private async Task AskAsync(Worker worker, Ward ward, HealthModel health, CancellationToken stopping)
    {
        try
        {
            await Task.Delay(health.Interval, time, stopping);
            using var client = clients.Of(worker);
            var check = new HealthCheck(client, health, time);
            var fault = await check.FindFaultAsync(stopping);
            if (!check.CouldAsk)
                return;
            ward.LastFault = fault;
            ward.Failures = ward.LastFault is null ? 0 : ward.Failures + 1;
            ward.Health = ward.Failures >= health.FailuresMax ? HealthAnswers.Failing : HealthAnswers.Good;
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Asked for nobody.
        }
    }

    // What is known of one worker.
    private sealed class Ward
    {
        public Task Asking { get; set; } = Task.CompletedTask;

        public HealthAnswers Health { get; set; }

        public int Failures { get; set; }

        public string? LastFault { get; set; }

        public long? ComplainedAt { get; set; }
    }
}
