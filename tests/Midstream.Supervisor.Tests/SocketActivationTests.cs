// What the service manager passes ends up at the right entry of "listen", or is said to be wrong.

using System.Net;
using System.Net.Sockets;
using Midstream.Core.Configuration;
using Midstream.Linux;
using Midstream.Supervisor.Systemd;

namespace Midstream.Supervisor.Tests;

public sealed class SocketActivationTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("midstream-activation-").FullName;
    private readonly List<string> _forgotten = [];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(null, "2", null, "")]
    [InlineData("1", "2", null, "")]
    [InlineData("7", null, null, "")]
    [InlineData("7", "0", "", "")]
    [InlineData("7", "2", null, "3 unknown, 4 unknown")]
    [InlineData("7", "2", "a.socket:midstream.x", "3 a.socket, 4 midstream.x")]
    public void Read_Variables_NamesWhatIsMeantForThisProcess(string? pid, string? count, string? names, string expected) =>
        Assert.Equal(expected, string.Join(", ", Read(pid, count, names).Select(one => $"{one.Number} {one.Name}")));

    [Theory]
    [InlineData("two", null)]
    [InlineData("-1", null)]
    [InlineData("99999", null)]
    [InlineData("2", "one")]
    public void Read_VariablesThatAreWrong_IsAnError(string count, string? names) => Assert.Equal(
        SupervisorFailure.CannotListen, Assert.Throws<SupervisorException>(() => Read("7", count, names)).Failure);

    [Fact]
    public void TakeFor_SocketOfTheSameAddress_TakesItWhateverItsName()
    {
        var (socket, address) = Tcp("http");
        var path = Path.Combine(_folder, "s");
        using var unix = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        unix.Bind(new UnixDomainSocketEndPoint(path));
        unix.Listen();
        using var passed = new SocketActivation(
            [new("unknown", FileDescriptor.DuplicateOf(unix.SafeHandle)), new("shop.socket", socket)]);

        var taken = passed.TakeFor(address);
        var takenUnix = passed.TakeFor(new ListenSocket { Name = "local", Scheme = "http", UnixPath = path });

        Assert.Equal((socket, true), taken);
        Assert.True(takenUnix!.Value.IsManagers);
        Assert.Null(passed.TakeFor(address));
        passed.RequireAllTaken(_forgotten.Add);
        socket.Dispose();
        takenUnix.Value.Socket.Dispose();
    }

    [Fact]
    public void TakeFor_DatagramSocket_TakesItForDatagramsAlone()
    {
        var socket = ListeningSocket.BindUdp(new IPEndPoint(IPAddress.Loopback, 0));
        var address = new ListenSocket
        {
            Name = "dns", Scheme = "udp", EndPoint = (IPEndPoint)ListeningSocket.LocalEndPoint(socket),
        };
        using var passed = new SocketActivation([new("dns.socket", socket)]);
        using var stored = new SocketActivation([new(FdStore.NameOf(address), socket.Duplicate())]);

        Assert.Null(passed.TakeFor(address with { Scheme = "http" }));
        Assert.Contains(
            $"'dns.socket' (udp {address.EndPoint})",
            Assert.Throws<SupervisorException>(() => passed.RequireAllTaken(_forgotten.Add)).Message, StringComparison.Ordinal);
        Assert.Equal((socket, true), passed.TakeFor(address));
        Assert.False(stored.TakeFor(address)!.Value.IsManagers);
        socket.Dispose();
    }

    [Fact]
    public void TakeFor_PortZero_TakesAnyPortOfTheAddress()
    {
        var (socket, address) = Tcp("http");
        using var passed = new SocketActivation([new("x", socket)]);

        Assert.NotNull(passed.TakeFor(address with { EndPoint = new IPEndPoint(IPAddress.Loopback, 0) }));
        socket.Dispose();
    }

    [Fact]
    public void TakeFor_SocketOfTheSameNameAtAnotherAddress_SaysBoth()
    {
        var (socket, address) = Tcp("web");
        using var passed = new SocketActivation([new("web", socket)]);

        var refused = Assert.Throws<SupervisorException>(
            () => passed.TakeFor(address with { EndPoint = new IPEndPoint(IPAddress.Loopback, 1) }));

        Assert.Contains($"is {address.EndPoint}, but \"listen\" says 127.0.0.1:1", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void RequireAllTaken_SocketsNobodyListensOn_AreAnErrorThatNamesThem()
    {
        var (socket, address) = Tcp("web");
        using var file = File.OpenHandle("/dev/null");
        using var passed = new SocketActivation([new("a.socket", socket), new("b.socket", FileDescriptor.DuplicateOf(file))]);

        var refused = Assert.Throws<SupervisorException>(() => passed.RequireAllTaken(_forgotten.Add));

        Assert.Contains(
            $"'a.socket' ({address.EndPoint}), 'b.socket' (neither a listening stream socket nor one of UDP)",
            refused.Message, StringComparison.Ordinal);
        Assert.Empty(_forgotten);
    }

    [Fact]
    public void TakeFor_StoredSocket_TakesItForTheSameEntryAlone()
    {
        var (socket, address) = Tcp("http");
        var name = FdStore.NameOf(address);
        using var passed = new SocketActivation([new(name, socket)]);

        Assert.Null(passed.TakeFor(address with { Scheme = "https" }));
        Assert.Equal((socket, false), passed.TakeFor(address));
        passed.RequireAllTaken(_forgotten.Add);

        Assert.Empty(_forgotten);
        socket.Dispose();
    }

    [Fact]
    public void RequireAllTaken_StoredSocketsOfOldEntries_ClosesAndForgetsThem()
    {
        var (socket, address) = Tcp("http");
        using var file = File.OpenHandle("/dev/null");
        var other = FileDescriptor.DuplicateOf(file);
        using var passed = new SocketActivation(
            [
                new(FdStore.NameOf(address), socket),
                new("midstream.old", FileDescriptor.DuplicateOf(file)),
                new("midstream.state", other),
            ]);

        Assert.Equal(other, passed.Take("midstream.state"));
        Assert.Null(passed.Take("midstream.state"));
        passed.RequireAllTaken(_forgotten.Add);

        Assert.Equal([FdStore.NameOf(address), "midstream.old"], _forgotten);
        Assert.True(socket.IsClosed);
        Assert.False(other.IsClosed);
        other.Dispose();
    }

    [Fact]
    public void TakeFor_StoredUnixSocket_TakesItOnlyWhileItsPathLeadsThere()
    {
        const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        var address = new ListenSocket { Name = "local", Scheme = "http", UnixPath = Path.Combine(_folder, "s") };
        using var socket = ListeningSocket.BindUnix(address.UnixPath, 16, Mode);
        PassedSocket Stored() => new(FdStore.NameOf(address), socket.Duplicate());

        using var reached = new SocketActivation([Stored()]);
        using var taken = reached.TakeFor(address)!.Value.Socket;
        File.Move(address.UnixPath, address.UnixPath + ".old");
        using var removed = new SocketActivation([Stored()]);
        Assert.Null(removed.TakeFor(address));
        using var another = ListeningSocket.BindUnix(address.UnixPath, 16, Mode);
        using var replaced = new SocketActivation([Stored()]);
        Assert.Null(replaced.TakeFor(address));
    }

    private static (FileDescriptor Socket, ListenSocket Address) Tcp(string name)
    {
        var socket = ListeningSocket.BindTcp(new IPEndPoint(IPAddress.Loopback, 0), 16);
        return (socket, new ListenSocket
        {
            Name = name, Scheme = "http", EndPoint = (IPEndPoint)ListeningSocket.LocalEndPoint(socket),
        });
    }

    private static IReadOnlyList<(int Number, string Name)> Read(string? pid, string? count, string? names) =>
        SocketActivation.Read(
            name => name switch { "LISTEN_PID" => pid, "LISTEN_FDS" => count, "LISTEN_FDNAMES" => names, _ => null }, 7);
}
