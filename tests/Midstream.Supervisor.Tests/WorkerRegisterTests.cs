// The entries by which a supervisor finds the workers of one that was killed.

using Midstream.Supervisor.State;
using Midstream.Supervisor.Workers;

namespace Midstream.Supervisor.Tests;

public sealed class WorkerRegisterTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("midstream-test-").FullName;
    private readonly WorkerRegister _register;

    public WorkerRegisterTests() => _register = new WorkerRegister(_folder);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void ReadAll_OfWhatWasAdded_IsTheSame()
    {
        var (tcp, unix) = (
            new SocketRecord(1, "http", "http://127.0.0.1:5000", "http", "127.0.0.1:5000", null, UnixFileMode.None, null),
            new SocketRecord(
                2, "unix", "http://unix:/run/s", "http", null, "/run/s", UnixFileMode.UserRead | UnixFileMode.UserWrite, "ann:",
                IsForeign: true));
        var record = Record(7, 2) with { Sockets = [tcp, unix] };

        _register.Add(record);

        var read = Assert.Single(_register.ReadAll());
        Assert.Equal(record.Sockets, read.Sockets);
        Assert.Equal(record, read with { Sockets = record.Sockets });
        Assert.Equal(new WorkerName(7, 2), read.Name);
    }

    [Fact]
    public void Add_OfAWorker_IsForTheOwnerAlone()
    {
        _register.Add(Record(7, 2));

        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(_folder, "g7.2.json")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{\"generation\":7,\"slo")]
    [InlineData("\0\0\0\0")]
    [InlineData("[]")]
    [InlineData("null")]
    public void ReadAll_WithAHalfWrittenEntry_RemovesItAndReadsTheOthers(string text)
    {
        var torn = Path.Combine(_folder, "g7.2.json");
        File.WriteAllText(torn, text);
        _register.Add(Record(7, 1));

        var read = Assert.Single(_register.ReadAll());

        Assert.Equal(new WorkerName(7, 1), read.Name);
        Assert.False(File.Exists(torn));
    }

    [Fact]
    public void ReadAll_OfAnEntryFromANewerVersion_IgnoresWhatItDoesNotKnow()
    {
        _register.Add(Record(7, 2));
        var entry = Path.Combine(_folder, "g7.2.json");
        var text = File.ReadAllText(entry);
        File.WriteAllText(entry, string.Concat(text.TrimEnd().AsSpan(0, text.TrimEnd().Length - 1), ",\"since_2030\":[1]}"));

        Assert.Equal(new WorkerName(7, 2), Assert.Single(_register.ReadAll()).Name);
    }

    [Fact]
    public void Assign_OfASlotToOneThatHadNone_KeepsItsNameAndItsSocket()
    {
        var name = new WorkerName(7, 0);
        _register.Add(Record(7, 0));

        _register.Assign(name, 3);

        var read = Assert.Single(_register.ReadAll());
        Assert.Equal((name, 3), (read.Name, read.Slot));
        _register.Remove(name);
        Assert.Empty(_register.ReadAll());
    }

    [Fact]
    public void Remove_OfAWorker_TakesItsEntryAndItsSocketAndNoOther()
    {
        _register.Add(Record(7, 1));
        _register.Add(Record(7, 2));
        File.WriteAllText(_register.SocketOf(new WorkerName(7, 2)), "");

        _register.Remove(new WorkerName(7, 2));
        _register.Remove(new WorkerName(9, 9));

        Assert.Equal([Path.Combine(_folder, "g7.1.json")], Directory.GetFileSystemEntries(_folder));
    }

    private static WorkerRecord Record(long generation, int slot) => new(
        generation, slot, "0123456789ab", 77, 123456789, new DateTimeOffset(2026, 3, 4, 5, 6, 7, 89, TimeSpan.Zero), []);
}
