// The module: what it serves, what it keeps, and what is asked of it before it serves.

using System.Text.Json.Serialization;
using Midstream;

namespace SampleModule;

public sealed class Module : IModule
{
    // One request for each endpoint: what the first of each costs is paid before clients come.
    public IReadOnlyList<WarmUpRequest> WarmUp { get; } = [new("/hello/nobody")];

    public void ConfigureServices(IServiceCollection services, IModuleContext context)
    {
        services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, ModuleJson.Default));
        // Goes to the next version of the module. When its values change their form, give it a new version that reads and writes
        // the one before too.
        services.AddState(_ => new StateDictionary<string, long>("greetings", StateCodec.Text, StateCodec.Number));
    }

    public void MapEndpoints(IEndpointRouteBuilder endpoints) => endpoints.MapGet(
        "/hello/{name}",
        async (string name, HttpContext request, StateDictionary<string, long> greetings) =>
        {
            // A warm-up request leaves nothing behind.
            if (ModuleRequest.Of(request)!.IsWarmUp)
                return new Greeting("Hello", 0);
            var times = await greetings.UpdateAsync(name, old => old.Value + 1);
            return new Greeting($"Hello {name}", times);
        });
}

public sealed record Greeting(string Text, long Times);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Greeting))]
public sealed partial class ModuleJson : JsonSerializerContext;
