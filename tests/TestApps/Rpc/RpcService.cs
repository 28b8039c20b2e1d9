// What the calls do: each answer names the process.

using Grpc.AspNetCore.Server.Model;
using Grpc.Core;

namespace Rpc;

internal sealed class RpcService : IServiceMethodProvider<RpcService>
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(20);

    public void OnServiceMethodDiscovery(ServiceMethodProviderContext<RpcService> context)
    {
        context.AddUnaryMethod(RpcMethods.Who, [], static (_, request, _) => Task.FromResult(Answer(request)));
        context.AddClientStreamingMethod(RpcMethods.Collect, [], static (_, requests, call) => CollectAsync(requests, call));
        context.AddServerStreamingMethod(
            RpcMethods.Repeat, [], static (_, request, answers, call) => RepeatAsync(request, answers, call));
        context.AddDuplexStreamingMethod(
            RpcMethods.Echo, [], static (_, requests, answers, call) => EchoAsync(requests, answers, call));
    }

    private static string Answer(string request) => $"{request} {Environment.ProcessId}";

    private static async Task<string> CollectAsync(IAsyncStreamReader<string> requests, ServerCallContext call)
    {
        var count = 0;
        while (await requests.MoveNext(call.CancellationToken))
            count++;
        return Answer($"{count}");
    }

    private static async Task RepeatAsync(string request, IServerStreamWriter<string> answers, ServerCallContext call)
    {
        for (var left = int.Parse(request, System.Globalization.CultureInfo.InvariantCulture); left > 0; left--)
        {
            await answers.WriteAsync(Answer($"{left}"), call.CancellationToken);
            await Task.Delay(s_pause, call.CancellationToken);
        }
    }

    private static async Task EchoAsync(
        IAsyncStreamReader<string> requests, IServerStreamWriter<string> answers, ServerCallContext call)
    {
        while (await requests.MoveNext(call.CancellationToken))
            await answers.WriteAsync(Answer(requests.Current), call.CancellationToken);
    }
}
