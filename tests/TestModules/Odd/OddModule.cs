// A module that does wrong what the test asks for, by the process-wide datum "odd": throws or hangs in a stage, or leaves
// something behind.

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Midstream;

namespace Odd;

public sealed class OddModule : IModule, IDisposable
{
    // As it was when this generation was made; the test changes it for the next one.
    private readonly string _wish = AppContext.GetData("odd") as string ?? "";
    private IModuleContext _context = null!;

    public OddModule() => Misbehave("constructor");

    public IReadOnlyList<WarmUpRequest> WarmUp { get; } = [new("/who"), new("/warm")];

    public void ConfigureServices(IServiceCollection services, IModuleContext context)
    {
        _context = context;
        Misbehave("services");
        if (_wish == "throw in validation")
            services.AddSingleton<NeedsWhatIsNotThere>();
        services.AddHostedService(_ => new OddService(this));
        services.AddState(_ => new OddState(this));
    }

    public void ConfigurePipeline(IApplicationBuilder pipeline) => Misbehave("pipeline");

    public void MapEndpoints(IEndpointRouteBuilder endpoints)
    {
        Misbehave("endpoints");
        endpoints.MapGet("/who", (HttpContext context) => $"{ModuleRequest.Of(context)!.Generation}");
        endpoints.MapGet("/warm", () =>
        {
            if (_wish == "answer 500 in warm-up")
                return Results.StatusCode(500);
            Misbehave("warm-up");
            return Results.Ok();
        });
        endpoints.MapGet("/never", async (HttpContext context) => await Task.Delay(Timeout.Infinite, context.RequestAborted));
        endpoints.MapGet("/deaf", async () => await new TaskCompletionSource().Task);
    }

    public Task StartAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        Misbehave("start");
        Leaks.Make(_wish, services);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        Misbehave("stop");
        return Task.CompletedTask;
    }

    public void Dispose() => Misbehave("disposal");

    internal void Misbehave(string stage)
    {
        if (_wish == $"throw in {stage}")
            throw new InvalidOperationException($"odd in {stage}");
        // Ended by the test, so that no thread is left for the tests that follow.
        if (_wish == $"hang in {stage}")
            ((ManualResetEventSlim)AppContext.GetData("odd.end")!).Wait();
    }
}

public sealed class NeedsWhatIsNotThere(IDisposable absent)
{
    public IDisposable Absent => absent;
}

public sealed class OddService(OddModule module) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        module.Misbehave("hosted service");
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}

public sealed class OddState(OddModule module) : IHandedOverState, IDisposable
{
    public string Name => "odd";

    public int Version => 1;

    public Task ExportAsync(Stream destination, int version, CancellationToken cancellationToken)
    {
        destination.WriteByte(7);
        return Task.CompletedTask;
    }

    public Task ImportAsync(Stream source, int version, CancellationToken cancellationToken)
    {
        module.Misbehave("import");
        return Task.CompletedTask;
    }

    public ValueTask FreezeAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public void Thaw()
    {
    }

    public void Dispose() => module.Misbehave("disposal of a service");
}
