// gRPC is HTTP/2's hardest user: with retries off, one stream that is refused or cut is an error at the caller.

using Grpc.Core;
using Grpc.Net.Client;
using Midstream.TestKit;
using Rpc;

namespace Midstream.FunctionalTests.Traffic;

public sealed class GrpcTests(ITestOutputHelper output)
{
    private const int Deployments = 10;
    private const string Http2Only = """
        { "probation": { "duration_ms": 0 }, "environment": { "Kestrel__EndpointDefaults__Protocols": "Http2" } }
        """;

    [Theory]
    [InlineData("http")]
    [InlineData("https")]
    public async Task Deploy_TenTimesUnderCallsOfEveryKind_FailsNone(string scheme)
    {
        using var folder = new TemporaryFolder();
        await using var service = scheme == "https"
            ? await TlsTests.StartAsync(folder, SelfSigned.Make(folder), "tests/TestApps/Rpc")
            : await MidstreamService.StartAsync(folder, Repository.Published("tests/TestApps/Rpc"), Http2Only);
        using var channel = Connect(new UriBuilder(service.Url) { Scheme = scheme }.Uri);
        var calls = channel.CreateCallInvoker();
        using var enough = new CancellationTokenSource();
        var clients = Begin(calls, enough.Token);

        for (var number = 1; number <= Deployments; number++)
            await service.DeployWellAsync(Repository.Published("tests/TestApps/Rpc"));

        await enough.CancelAsync();
        var counts = await Task.WhenAll(clients);
        output.WriteLine($"{counts.Sum()} calls over {scheme}");
        Assert.All(counts, count => Assert.True(count > Deployments));
    }

    /// <summary>Makes calls of every kind, one after the other for each of eight clients, until there are enough.</summary>
    internal static Task<int>[] Begin(CallInvoker calls, CancellationToken enough) =>
        [.. Enumerable.Range(0, 2).SelectMany(_ => (Task<int>[])
        [
            RepeatAsync(() => WhoAsync(calls), enough),
            RepeatAsync(() => CollectAsync(calls), enough),
            RepeatAsync(() => ReceiveAsync(calls), enough),
            RepeatAsync(() => EchoAsync(calls), enough),
        ])];

    // Without a retry policy in the service's configuration there is none.
    internal static GrpcChannel Connect(Uri address, Http2Connections? followed = null) => GrpcChannel.ForAddress(address, new()
    {
        HttpHandler = new SocketsHttpHandler
        {
            ConnectCallback = followed is null ? null : (context, cancel) => followed.ConnectAsync(context.DnsEndPoint, cancel),
            EnableMultipleHttp2Connections = true,
            SslOptions = new() { RemoteCertificateValidationCallback = SelfSigned.Validate },
        },
        DisposeHttpClient = true,
    });

    private static async Task<int> RepeatAsync(Func<Task> call, CancellationToken enough)
    {
        var count = 0;
        for (; !enough.IsCancellationRequested; count++)
            await call();
        return count;
    }

    private static async Task WhoAsync(CallInvoker calls)
    {
        var answer = await calls.AsyncUnaryCall(RpcMethods.Who, null, Limited(), "who");
        Assert.StartsWith("who ", answer, StringComparison.Ordinal);
    }

    private static async Task CollectAsync(CallInvoker calls)
    {
        using var call = calls.AsyncClientStreamingCall(RpcMethods.Collect, null, Limited());
        for (var number = 0; number < 5; number++)
            await call.RequestStream.WriteAsync("x");
        await call.RequestStream.CompleteAsync();
        Assert.StartsWith("5 ", await call.ResponseAsync, StringComparison.Ordinal);
    }

    private static async Task ReceiveAsync(CallInvoker calls)
    {
        using var call = calls.AsyncServerStreamingCall(RpcMethods.Repeat, null, Limited(), "20");
        var count = 0;
        while (await call.ResponseStream.MoveNext(CancellationToken.None))
            count++;
        Assert.Equal(20, count);
    }

    private static async Task EchoAsync(CallInvoker calls)
    {
        using var call = calls.AsyncDuplexStreamingCall(RpcMethods.Echo, null, Limited());
        for (var number = 0; number < 20; number++)
        {
            await call.RequestStream.WriteAsync($"e{number}");
            Assert.True(await call.ResponseStream.MoveNext(CancellationToken.None));
            Assert.StartsWith($"e{number} ", call.ResponseStream.Current, StringComparison.Ordinal);
        }

        await call.RequestStream.CompleteAsync();
        Assert.False(await call.ResponseStream.MoveNext(CancellationToken.None));
    }

    private static CallOptions Limited() => new(deadline: DateTime.UtcNow + RunningProgram.Patience);
}
