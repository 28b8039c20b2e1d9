// A module with one of each: endpoints with JSON, services, state, background work, a meter. Two projects build it, in two
// versions that say which one answered.

using System.Diagnostics.Metrics;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Midstream;

namespace Greeter;

public sealed class GreeterModule : IModule
{
#if V1
    private const string CodeVersion = "1.0.0";
#else
    private const string CodeVersion = "2.0.0";
#endif

    private static readonly Gate s_gate = new();

    public IReadOnlyList<WarmUpRequest> WarmUp { get; } =
    [
        new("/hello/world"),
        new("/greet") { Method = "POST", Body = """{"name":"nobody"}""" },
        new("/count"),
        new("/count/0") { Method = "POST" },
    ];

    public void ConfigureServices(IServiceCollection services, IModuleContext context)
    {
        services.ConfigureHttpJsonOptions(options =>
            options.SerializerOptions.TypeInfoResolverChain.Insert(0, GreeterJson.Default));
        services.AddScoped<Politeness>();
        services.AddHostedService<Heartbeat>();
        services.AddState(_ => new StateDictionary<string, Tally>(
            "tallies", StateCodec.Text, StateCodec.Json(GreeterJson.Default.Tally)));
        context.Meter.CreateObservableGauge("greeter.names", () => s_gate.Waiting);
    }

    public void MapEndpoints(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/hello/{name}", (string name, Politeness politeness) => politeness.Greet(name, CodeVersion));
        endpoints.MapPost("/greet", (Person person) => new Greeting(person.Name, CodeVersion));
        endpoints.MapGet("/who", (HttpContext context) => ModuleRequest.Of(context) is { } request
            ? $"{request.Name} {request.Version} {request.Generation} {CodeVersion}"
            : "");
        endpoints.MapGet("/hold", async (HttpContext context) => await s_gate.HoldAsync(CodeVersion, context.RequestAborted));
        endpoints.MapPost("/release", () => s_gate.Release());
        endpoints.MapGet("/count", async (StateDictionary<string, Tally> tallies) =>
            $"{(await tallies.GetAsync("all")).Value?.Count ?? 0}");
        endpoints.MapPost("/count/{step:long}", async (long step, StateDictionary<string, Tally> tallies) =>
            $"{(await tallies.UpdateAsync("all", old => new Tally((old.Value?.Count ?? 0) + step))).Count}");
    }
}

public sealed class Politeness(IModuleContext context)
{
    private readonly string _word = context.Configuration["Word"] ?? "Hello";

    public string Greet(string name, string version) => $"{_word} {name} from {version}";
}

public sealed record Person(string Name);

public sealed record Greeting(string Name, string Version);

public sealed record Tally(long Count);

[JsonSerializable(typeof(Person))]
[JsonSerializable(typeof(Greeting))]
[JsonSerializable(typeof(Tally))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
public sealed partial class GreeterJson : JsonSerializerContext;

/// <summary>Lets a test hold requests in this generation, as many as it likes.</summary>
public sealed class Gate
{
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _waiting;

    public int Waiting => _waiting;

    public async Task<string> HoldAsync(string version, CancellationToken aborted)
    {
        Interlocked.Increment(ref _waiting);
        await _opened.Task.WaitAsync(aborted);
        return $"held by {version}";
    }

    public string Release()
    {
        _opened.TrySetResult();
        return "released";
    }
}

public sealed class Heartbeat(TimeProvider time, Meter meter) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var beats = meter.CreateCounter<long>("greeter.beats");
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20), time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
            beats.Add(1);
    }
}
