// What a supervisor makes of the state it finds after a kill, a power cut or a downgrade.

using Midstream.Supervisor.State;

namespace Midstream.Supervisor.Tests;

public sealed class ServiceStateTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("midstream-test-").FullName;

    private string StateFile => Path.Combine(_folder, "state.json");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Read_OfWhatWasWritten_IsTheSame()
    {
        var state = new ServiceState(
            ServiceState.CurrentFormat, "web", "0123456789ab", "ba9876543210", Committed: false, 41, ["./web", "--urls", "a b"]);
        ServiceState.Initial("web").Write(StateFile);

        state.Write(StateFile);

        var read = ServiceState.Read(StateFile)!;
        Assert.Equal(state.Command, read.Command);
        Assert.Equal(state with { Command = read.Command }, read);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(StateFile));
    }

    [Fact]
    public void Read_OfAServiceThatHasNeverRun_IsTheSame()
    {
        ServiceState.Initial("web").Write(StateFile);

        Assert.Equal(ServiceState.Initial("web"), ServiceState.Read(StateFile));
    }

    [Fact]
    public void Read_WithoutAFile_IsNull() => Assert.Null(ServiceState.Read(StateFile));

    [Fact]
    public void Read_OfANewerFormat_SaysThatItIsTooNew()
    {
        File.WriteAllText(StateFile, """{"format":2,"service":{"renamed":true}}""");

        var refused = Assert.Throws<SupervisorException>(() => ServiceState.Read(StateFile));

        Assert.Equal(SupervisorFailure.StateTooNew, refused.Failure);
        Assert.Contains("format 2", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_OfEveryTornFile_SaysThatItIsUnusable()
    {
        ServiceState.Initial("web").Write(StateFile);
        var whole = File.ReadAllBytes(StateFile);
        Assert.True(whole.Length > 50);

        for (var length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(StateFile, whole[..length]);
            var refused = Assert.Throws<SupervisorException>(() => ServiceState.Read(StateFile));
            Assert.Equal(SupervisorFailure.StateUnusable, refused.Failure);
        }
    }

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("""{"format":"one"}""")]
    [InlineData("""{"format":1,"generation":"x"}""")]
    public void Read_OfRubbish_SaysThatItIsUnusable(string text)
    {
        File.WriteAllText(StateFile, text);

        Assert.Equal(
            SupervisorFailure.StateUnusable, Assert.Throws<SupervisorException>(() => ServiceState.Read(StateFile)).Failure);
    }

    [Fact]
    public void Append_OfEntries_IsALineEachThatIsFlushed()
    {
        var path = Path.Combine(_folder, "ledger.jsonl");
        var then = new DateTimeOffset(2026, 3, 4, 5, 6, 7, TimeSpan.Zero);
        using (var ledger = new Ledger(path))
        {
            ledger.Append(new LedgerEntry(then, "ann", 1000, "deploy", "committed", "0123456789ab", 2, null, 900));
            ledger.Append(new LedgerEntry(then, "midstream", null, "restart", "failed", null, null, "It\nexited.", 10));
            Assert.Equal(2, File.ReadAllLines(path).Length);
        }

        using (var again = new Ledger(path))
            again.Append(new LedgerEntry(then, "ann", 1000, "stop", "stopped", null, null, null, 5));

        Assert.Equal(
            [
                """{"at":"2026-03-04T05:06:07+00:00","who":"ann","uid":1000,"what":"deploy","outcome":"committed","""
                    + "\"release\":\"0123456789ab\",\"generation\":2,\"elapsed_ms\":900}",
                """{"at":"2026-03-04T05:06:07+00:00","who":"midstream","what":"restart","outcome":"failed","""
                    + "\"reason\":\"It\\nexited.\",\"elapsed_ms\":10}",
                """{"at":"2026-03-04T05:06:07+00:00","who":"ann","uid":1000,"what":"stop","outcome":"stopped","elapsed_ms":5}""",
            ],
            File.ReadAllLines(path));
    }
}
