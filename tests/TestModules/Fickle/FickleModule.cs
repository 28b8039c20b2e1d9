// A module that does what its package's version says, so that a test makes a package of any kind by writing another module.json.
//
//   N                    answers with its version
//   N-more               has one more state, and a way to count in it
//   N-throws-start       fails in its start
//   N-dies-start         ends its process in its start
//   N-dies-serving       ends its process with the first client's request
//   N-throws-serving     throws in each client's request
//   N-waits-start        waits in its start until the file of FICKLE_GATE is there
//   N-needs-gate         fails in its start unless the file of FICKLE_GATE is there
//   N-stays              leaves a timer behind that keeps it in memory
//   N-blocks             leaves a thread behind that waits in its code
//   N-pins               leaves a GC handle behind

using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Midstream;

namespace Fickle;

public sealed class FickleModule : IModule
{
    private string _wish = "";
    private string _version = "";
    private Timer? _left;

    public IReadOnlyList<WarmUpRequest> WarmUp { get; } = [new("/"), new("/count")];

    public void ConfigureServices(IServiceCollection services, IModuleContext context)
    {
        _version = context.Version;
        _wish = string.Join('-', _version.Split('-').Skip(1));
        services.AddState(_ => new StateDictionary<string, long>("counts", StateCodec.Text, StateCodec.Number));
        if (_wish == "more")
            services.AddState(_ => new StateDictionary<string, string>("more", StateCodec.Text, StateCodec.Text));
    }

    public void MapEndpoints(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/", (HttpContext context) =>
        {
            if (_wish == "dies-serving" && ModuleRequest.Of(context) is { IsWarmUp: false })
                Environment.Exit(9);
            if (_wish == "throws-serving" && ModuleRequest.Of(context) is { IsWarmUp: false })
                throw new InvalidOperationException("The module throws, as its version says.");
            return _version;
        });
        if (_wish == "more")
            endpoints.MapPost("/more", async (StateDictionary<string, string> more) =>
                (await more.UpdateAsync("all", static old => old.Value + "I")).ToString());
        endpoints.MapGet("/count", async (StateDictionary<string, long> counts) => $"{(await counts.GetAsync("all")).Value}");
        endpoints.MapPost("/count", async (StateDictionary<string, long> counts) =>
            $"{await counts.UpdateAsync("all", static old => old.Value + 1)}");
    }

    public async Task StartAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        switch (_wish)
        {
            case "throws-start":
                throw new InvalidOperationException("The module does not start, as its version says.");
            case "dies-start":
                Environment.Exit(9);
                break;
            case "waits-start":
                await WaitAsync(cancellationToken);
                break;
            case "needs-gate" when !File.Exists(Environment.GetEnvironmentVariable("FICKLE_GATE")):
                throw new InvalidOperationException("The module does not start without its gate.");
            case "stays":
                Leave();
                break;
            case "blocks":
                new Thread(Block) { IsBackground = true, Name = "fickle" }.Start();
                break;
            case "pins":
                GCHandle.Alloc(this);
                break;
        }
    }

    private void Block()
    {
        using var never = new ManualResetEventSlim();
        never.Wait();
        GC.KeepAlive(this);
    }

    // Kept by itself: its callback knows the module, and the module knows it.
    private void Leave() => _left = new Timer(
        _ => _version.GetHashCode(StringComparison.Ordinal), null, TimeSpan.FromHours(1), TimeSpan.FromHours(1));

    private static async Task WaitAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (Environment.GetEnvironmentVariable("FICKLE_GATE") is { } gate && !File.Exists(gate))
            await timer.WaitForNextTickAsync(cancellationToken);
    }
}
