// Health checks over the public socket, which two generations share: only the answer of the one that is meant counts.

using System.Net;
using System.Net.Sockets;
using Midstream.Core.Configuration;
using Midstream.Linux;
using Midstream.Supervisor.Requests;
using Midstream.Supervisor.Sockets;
using Midstream.Supervisor.Workers;

namespace Midstream.Supervisor.Tests;

public sealed class PublicRequestTests : IAsyncLifetime
{
    // Any program that answers on an inherited descriptor; perl is part of every Debian and most others.
    private const string AnswerOnDescriptor3 = """
        open(my $listener, "+<&=", 3) or die $!;
        my @open;
        while (1) {
          my $wanted = ""; vec($wanted, 3, 1) = 1; select($wanted, undef, undef, undef);
          accept(my $client, $listener) or next;
          sysread($client, my $request, 4096);
          syswrite($client, "HTTP/1.1 $ARGV[0] Status\r\nContent-Length: 0\r\n\r\n");
          push @open, $client;
        }
        """;

    private readonly Scene _scene = new();
    private readonly FileDescriptor _socket = ListeningSocket.BindTcp(new IPEndPoint(IPAddress.Loopback, 0), 16);
    private readonly Listener _listener;

    public PublicRequestTests() =>
        _listener = new Listener(
            1,
            "http",
            $"http://{ListeningSocket.LocalEndPoint(_socket)}",
            new ListenSocket { Name = "http", Scheme = "http" },
            _socket);

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _scene.DisposeAsync();
        _socket.Dispose();
    }

    [Theory]
    [InlineData(199, false)]
    [InlineData(200, true)]
    [InlineData(204, true)]
    [InlineData(399, true)]
    [InlineData(400, false)]
    [InlineData(503, false)]
    public void IsHealthy_OfAStatus_IsSoFrom200To399(int status, bool isHealthy) =>
        Assert.Equal(isHealthy, HealthCheck.IsHealthy((HttpStatusCode)status));

    [Theory]
    [InlineData("204", null)]
    [InlineData("302", null)]
    [InlineData("500", "The health check GET /healthz was answered with 500; 200 to 399 is healthy.")]
    public async Task FindFault_WhenTheGenerationAnswers_IsAsItsStatusSays(string status, string? fault)
    {
        var worker = _scene.Launch(1, ["/usr/bin/perl", "-e", AnswerOnDescriptor3, status], _socket);

        Assert.Equal(fault, await FindFaultAsync(worker, Scene.Patience));
    }

    [Fact]
    public async Task FindFault_WhenOnlyAnotherProcessAnswers_IsThatNobodyDid()
    {
        using var ended = new CancellationTokenSource();
        using var server = _socket.Duplicate().ToSocket();
        var answers = 0;
        var serving = ServeAsync(server, () => answers++, ended.Token);
        var silent = _scene.Launch(2);

        var fault = await FindFaultAsync(silent, TimeSpan.FromMilliseconds(500));

        Assert.Equal("The health check GET /healthz was not answered within 500 ms.", fault);
        await ended.CancelAsync();
        await serving.WaitAsync(Scene.Patience);
        Assert.True(answers > 0);
    }

    [Fact]
    public async Task FindFault_WhenItIsNotWantedAnyMore_IsCancelled()
    {
        using var notWanted = new CancellationTokenSource();
        var check = FindFaultAsync(_scene.Launch(1), Scene.Patience, notWanted.Token);

        await notWanted.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => check);
    }

    private async Task<string?> FindFaultAsync(Worker worker, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        using var client = new GenerationClient(worker, _listener);
        Assert.False(client.IsPrivate);
        var health = new HealthModel { Timeout = timeout };
        return await new HealthCheck(client, health, TimeProvider.System).FindFaultAsync(cancellationToken);
    }

    // The generation before, as far as the check can see: another process on the same socket.
    private static async Task ServeAsync(Socket server, Action onAnswer, CancellationToken cancellationToken)
    {
        var buffer = new byte[4096];
        try
        {
            while (true)
            {
                using var client = await server.AcceptAsync(cancellationToken);
                await client.ReceiveAsync(buffer, cancellationToken);
                await client.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"u8.ToArray(), cancellationToken);
                onAnswer();
                await client.ReceiveAsync(buffer, cancellationToken);
            }
        }
        catch (Exception over) when (over is OperationCanceledException or SocketException)
        {
            // The test is over.
        }
    }
}
