// A module that serves gRPC: a call with one answer, and one with a stream of them. Texts instead of messages, so that no code
// has to be generated.

using Grpc.AspNetCore.Server.Model;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Midstream;

namespace Calls;

public sealed class CallsModule : IModule
{
    public void ConfigureServices(IServiceCollection services, IModuleContext context)
    {
        services.AddGrpc();
        services.AddSingleton<IServiceMethodProvider<CallsService>, CallsMethods>();
    }

    public void MapEndpoints(IEndpointRouteBuilder endpoints) => endpoints.MapGrpcService<CallsService>();
}

public sealed class CallsService(IModuleContext context)
{
    public Task<string> WhoAsync(string request) => Task.FromResult($"{request} {context.Generation}");

    public async Task RepeatAsync(string request, IServerStreamWriter<string> answers, ServerCallContext call)
    {
        for (var i = 0; i < 5; i++)
        {
            await answers.WriteAsync($"{request} {context.Generation}", call.CancellationToken);
            await Task.Delay(context.Time.GetUtcNow().Millisecond % 5, call.CancellationToken);
        }
    }
}

public sealed class CallsMethods : IServiceMethodProvider<CallsService>
{
    private static readonly Method<string, string> s_who = Make(MethodType.Unary, "Who");
    private static readonly Method<string, string> s_repeat = Make(MethodType.ServerStreaming, "Repeat");

    public void OnServiceMethodDiscovery(ServiceMethodProviderContext<CallsService> context)
    {
        context.AddUnaryMethod(s_who, [], static (service, request, _) => service.WhoAsync(request));
        context.AddServerStreamingMethod(
            s_repeat, [], static (service, request, answers, call) => service.RepeatAsync(request, answers, call));
    }

    private static Method<string, string> Make(MethodType type, string name) =>
        new(type, "tested.Calls", name, Marshallers.StringMarshaller, Marshallers.StringMarshaller);
}
