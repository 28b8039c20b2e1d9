// A change of the addresses while a service runs: what stays, what comes, what goes, and what a failure leaves as it was.

using System.Net;
using System.Net.Sockets;
using Midstream.Core.Configuration;
using Midstream.Linux;
using Midstream.Supervisor.Sockets;

namespace Midstream.Supervisor.Tests.Sockets;

public sealed class ListenerSetTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("midstream-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Keep_OfAChange_LeavesWhatStaysAndOpensWhatIsNewAndClosesTheRest()
    {
        using var set = ListenerSet.Bind([Tcp(), Unix("a")]);
        var (tcp, unix) = (set.All[0], set.All[1]);

        var change = set.Change([Unix("b"), Tcp()]);

        Assert.True(Accepts(unix));
        change.Keep();
        change.Dispose();
        Assert.Equal([Unix("b"), Tcp()], set.All.Select(listener => listener.Address));
        Assert.Same(tcp, set.All[1]);
        Assert.All(set.All, listener => Assert.True(Accepts(listener)));
        Assert.False(Accepts(unix));
        Assert.False(File.Exists(unix.Address.UnixPath));
    }

    [Fact]
    public void Change_OfTheSockets_GivesNoIdTwice()
    {
        using var set = ListenerSet.Bind([Unix("a"), Unix("b")]);
        set.Change([Unix("a")]).Keep();

        set.Change([Unix("a"), Unix("c")]).Keep();

        Assert.Equal([1, 3], set.All.Select(listener => listener.Id));
    }

    [Fact]
    public void Dispose_OfWhatSomebodyKeeps_LeavesItsPathAndDoesNotSayThatItIsClosed()
    {
        var keeper = new Keeper();
        var set = ListenerSet.Adopt([], keeper);
        set.Change([Unix("a")]).Keep();

        set.Dispose();

        Assert.Empty(keeper.ClosedOnes);
        Assert.True(File.Exists(Path.Combine(_folder, "a")));
    }

    [Fact]
    public void Dispose_OfAChangeThatWasNotKept_TakesItBack()
    {
        using var set = ListenerSet.Bind([Unix("a")]);
        var before = set.All;

        var change = set.Change([Unix("b")]);
        var added = Assert.Single(set.All);
        Assert.True(Accepts(added));
        change.Dispose();

        Assert.Same(before, set.All);
        Assert.True(Accepts(before[0]));
        Assert.False(Accepts(added));
        Assert.False(File.Exists(Path.Combine(_folder, "b")));
    }

    [Fact]
    public void Change_ToTheSameAddressAltered_IsRefusedAndChangesNothing()
    {
        using var set = ListenerSet.Bind([Unix("a")]);
        var before = set.All;

        var refused = Assert.Throws<SupervisorException>(() => set.Change([Unix("b"), Unix("a") with { Owner = "root" }]));

        Assert.Equal(SupervisorFailure.CannotListen, refused.Failure);
        Assert.Contains("is open already", refused.Message, StringComparison.Ordinal);
        Assert.Same(before, set.All);
        Assert.True(Accepts(before[0]));
        Assert.False(File.Exists(Path.Combine(_folder, "b")));
    }

    [Fact]
    public void Change_OfTheNameOfAnAddressWithAPort_IsRefused()
    {
        using var port = ListenerSet.Bind([Tcp()]);
        var taken = new Uri(port.All[0].Url).Port;
        port.Dispose();
        using var set = ListenerSet.Bind([Tcp(taken)]);

        Assert.Throws<SupervisorException>(() => set.Change([Tcp(taken) with { Name = "other" }]));

        Assert.True(Accepts(Assert.Single(set.All)));
    }

    [Fact]
    public void Change_ToAnAddressThatIsTaken_ChangesNothing()
    {
        using var other = ListenerSet.Bind([Tcp()]);
        using var set = ListenerSet.Bind([Unix("a")]);
        var before = set.All;

        var refused = Assert.Throws<SupervisorException>(
            () => set.Change([Unix("a"), Unix("b"), Tcp(new Uri(other.All[0].Url).Port)]));

        Assert.Equal(SupervisorFailure.CannotListen, refused.Failure);
        Assert.Same(before, set.All);
        Assert.True(Accepts(before[0]));
        Assert.False(File.Exists(Path.Combine(_folder, "b")));
    }

    [Fact]
    public async Task Bind_OfADatagramSocket_KeepsWhatArrivesWhateverElseChangesAndIsNotInTheWayOfTcp()
    {
        using var set = ListenerSet.Bind([Udp(), Unix("a")]);
        var port = ((IPEndPoint)ListeningSocket.LocalEndPoint(set.All[0].Socket)).Port;
        using var client = new UdpClient();
        client.Connect(IPAddress.Loopback, port);
        await client.SendAsync(new byte[] { 7 });

        set.Change([Tcp(port), Udp()]).Keep();

        Assert.Equal($"udp://127.0.0.1:{port}", set.All[1].Url);
        Assert.True(Accepts(set.All[0]));
        using var adopted = ListenerSet.Adopt([Listener.FromRecord(set.All[1].ToRecord(), set.All[1].Socket.Duplicate())], null);
        Assert.Equal(Udp(), adopted.All[0].Address);
        using var socket = adopted.All[0].Socket.Duplicate().ToSocket();
        var buffer = new byte[1];
        Assert.Equal(1, await socket.ReceiveAsync(buffer).WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.Equal(7, buffer[0]);
    }

    [Fact]
    public void Change_ToADatagramAddressThatIsTaken_SaysSo()
    {
        using var other = ListenerSet.Bind([Udp()]);
        var port = ((IPEndPoint)ListeningSocket.LocalEndPoint(other.All[0].Socket)).Port;

        var refused = Assert.Throws<SupervisorException>(() => ListenerSet.Bind([Udp(port)]));

        Assert.Contains($"Cannot listen on udp://127.0.0.1:{port}", refused.Message, StringComparison.Ordinal);
        Assert.Contains("Another process has it", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void FromRecord_OfAListener_IsFoundAgainByItsAddress()
    {
        using var set = ListenerSet.Bind([Tcp(), Unix("a")]);
        using var adopted = ListenerSet.Adopt(
            [.. set.All.Select(listener => Listener.FromRecord(listener.ToRecord(), listener.Socket))], source: null);
        var before = adopted.All;

        adopted.Change([Tcp(), Unix("a"), Unix("b")]).Keep();

        Assert.Equal([before[0], before[1]], adopted.All.Take(2));
        Assert.Equal(3, adopted.All[2].Id);
    }

    private static ListenSocket Tcp(int port = 0) => new()
    {
        Name = "http", Scheme = "http", EndPoint = new IPEndPoint(IPAddress.Loopback, port),
    };

    private static ListenSocket Udp(int port = 0) => new()
    {
        Name = "udp", Scheme = "udp", EndPoint = new IPEndPoint(IPAddress.Loopback, port),
    };

    private ListenSocket Unix(string name) => new() { Name = name, Scheme = "http", UnixPath = Path.Combine(_folder, name) };

    private static bool Accepts(Listener listener)
    {
        EndPoint where = listener.Address.UnixPath is { } path
            ? new UnixDomainSocketEndPoint(path)
            : new IPEndPoint(IPAddress.Loopback, new Uri(listener.Url).Port);
        using var client = new Socket(where.AddressFamily, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            client.Connect(where);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private sealed class Keeper : ISocketSource
    {
        public List<Listener> ClosedOnes { get; } = [];

        public (FileDescriptor Socket, bool IsForeign)? TakeFor(ListenSocket address) => null;

        public void Opened(Listener listener)
        {
        }

        public bool Keeps(Listener listener) => true;

        public void Closed(Listener listener) => ClosedOnes.Add(listener);
    }
}
