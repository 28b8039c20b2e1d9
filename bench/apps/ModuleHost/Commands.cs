// What the bench tells the process to do and asks it for.

using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Midstream.Core.Modules;
using Midstream.Modules;

namespace ModuleHost;

internal sealed class Commands(WebApplication slots, Side[] sides)
{
    private readonly Midstream.Modules.ModuleHost _modules = slots.Services.GetRequiredService<Midstream.Modules.ModuleHost>();
    private readonly List<Task<Retirement>> _retired = [];

    public void Map(IEndpointRouteBuilder control)
    {
        control.MapPost("/deploy", DeployAsync);
        control.MapPost("/configure", (string key, string value) => { slots.Configuration[key] = value; });
        control.MapPost("/retired", RetiredAsync);
        control.MapPost("/direct", (string side, string path, int requests) => DirectAsync(side, path, requests));
        control.MapGet("/usage", () => TypedResults.Json(Usage.Read(), CommandJson.Default.Usage));
        control.MapGet("/memory", () => TypedResults.Json(Memory.Read(), CommandJson.Default.Memory));
    }

    private async Task<JsonHttpResult<Deployed>> DeployAsync(string package)
    {
        var (begun, paused) = (TimeProvider.System.GetTimestamp(), GC.GetTotalPauseDuration());
        var result = await _modules.DeployAsync(package);
        var total = TimeProvider.System.GetElapsedTime(begun);
        paused = GC.GetTotalPauseDuration() - paused;
        if (result.Retirement is { } retirement)
            _retired.Add(retirement);
        var deployed = new Deployed(
            result.Outcome == SwapOutcome.Moved, result.Reason, result.Generation, total.TotalMilliseconds,
            result.Freeze.TotalMilliseconds, paused.TotalMilliseconds,
            result.Durations.ToDictionary(phase => $"{phase.Key}", phase => phase.Value.TotalMilliseconds));
        return TypedResults.Json(deployed, CommandJson.Default.Deployed);
    }

    // Waits for the end of every generation that was replaced since the last time.
    private async Task<JsonHttpResult<Retired>> RetiredAsync()
    {
        var all = await Task.WhenAll(_retired);
        _retired.Clear();
        var retired = new Retired(
            all.Length, all.Count(ended => ended.Verdict.Outcome == UnloadOutcome.Collected),
            [.. all.SelectMany(ended => ended.Faults.Concat(ended.Verdict.Culprits.Select(culprit => $"{culprit}")))]);
        return TypedResults.Json(retired, CommandJson.Default.Retired);
    }

    private async Task<JsonHttpResult<Direct>> DirectAsync(string side, string path, int requests)
    {
        var client = sides.Single(one => one.Name == side).Connect(path);
        var direct = await Task.Factory.StartNew(
            () => Direct.Run(client, requests), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        return TypedResults.Json(direct, CommandJson.Default.Direct);
    }
}

/// <summary>One of the two applications.</summary>
internal sealed class Side(string name, DirectServer server)
{
    private readonly Dictionary<string, DirectClient> _clients = [];

    public string Name => name;

    // One for each path, as a connection that is kept.
    public DirectClient Connect(string path) =>
        _clients.TryGetValue(path, out var client) ? client : _clients[path] = server.Connect(path);
}

internal sealed record Addresses(string Control, string Plain, string Slots);

internal sealed record Deployed(
    bool Moved, string? Reason, long Generation, double TotalMs, double FreezeMs, double CollectorMs,
    IReadOnlyDictionary<string, double> PhasesMs);

internal sealed record Retired(int Ended, int Collected, IReadOnlyList<string> Faults);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(Addresses))]
[JsonSerializable(typeof(Deployed))]
[JsonSerializable(typeof(Direct))]
[JsonSerializable(typeof(Memory))]
[JsonSerializable(typeof(Retired))]
[JsonSerializable(typeof(Usage))]
internal sealed partial class CommandJson : JsonSerializerContext;
