// The units this program writes, judged by systemd itself where it is installed.

using System.Diagnostics;
using Midstream.Core.Configuration;
using Midstream.Supervisor.Systemd;

namespace Midstream.Supervisor.Tests;

public sealed class ServiceUnitTests
{
    private const string Analyze = "/usr/bin/systemd-analyze";

    [Theory]
    [InlineData(false, null)]
    [InlineData(false, "daemon")]
    [InlineData(true, null)]
    public async Task Write_EveryKind_IsAUnitThatSystemdTakesWithoutAComplaint(bool isForUser, string? user)
    {
        Assert.SkipUnless(File.Exists(Analyze), "systemd-analyze is not installed (package systemd)");
        var folder = Directory.CreateTempSubdirectory("midstream-unit-").FullName;
        try
        {
            var unit = Unit() with { IsForUserManager = isForUser, User = user, Folder = "/srv/a b%$\"c", StateRoot = null };
            await File.WriteAllTextAsync(Path.Combine(folder, unit.FileName), unit.Write());

            var (code, complaints) = await RunAsync(
                Analyze, "verify", "--man=no", isForUser ? "--user" : "--system", Path.Combine(folder, unit.FileName));

            // Other units of the machine are none of ours.
            var ours = complaints.Split('\n').Where(line => line.Contains("midstream", StringComparison.Ordinal));
            Assert.Empty(ours);
            Assert.True(code == 0, complaints);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Verify_OfAUnitWithAMistake_Complains()
    {
        // The control of the test above.
        Assert.SkipUnless(File.Exists(Analyze), "systemd-analyze is not installed (package systemd)");
        var folder = Directory.CreateTempSubdirectory("midstream-unit-").FullName;
        try
        {
            var path = Path.Combine(folder, Unit().FileName);
            await File.WriteAllTextAsync(path, Unit().Write().Replace("LockPersonality=yes", "LockPersonality=perhaps"));

            var (_, complaints) = await RunAsync(Analyze, "verify", "--man=no", "--system", path);

            Assert.Contains("perhaps", complaints, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]
    [InlineData(0, "Type=notify\n", true)]
    [InlineData(252, "Type=notify\n", true)]
    [InlineData(253, "Type=notify-reload\n", false)]
    public void Write_ForAVersion_UsesWhatItKnows(int version, string type, bool reloadsByCommand)
    {
        var text = (Unit() with { SystemdVersion = version }).Write();

        Assert.Contains(type, text, StringComparison.Ordinal);
        Assert.Equal(reloadsByCommand, text.Contains("ExecReload=", StringComparison.Ordinal));
    }

    [Fact]
    public void Write_PathsOfAllKinds_AreQuotedWhole()
    {
        var text = (Unit() with { Folder = "/a b\\c\"d%e$f", StateRoot = "/s%$x" }).Write();

        Assert.Contains(
            "ExecStart=\"/bin/true\" \"run\" \"/a b\\\\c\\\"d%%e$$f\" " +
            "\"--name\" \"shop\" \"--config\" \"/etc/shop/midstream.json\"\n",
            text, StringComparison.Ordinal);
        Assert.Contains("Environment=\"MIDSTREAM_STATE=/s%%$x\"\n", text, StringComparison.Ordinal);
        Assert.StartsWith(ServiceUnit.Mark, text, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_Times_AreLongerThanThoseOfTheService()
    {
        var model = Unit().Model with
        {
            Ready = new ReadyModel { Timeout = TimeSpan.FromSeconds(100) },
            Stop = new StopModel { Timeout = TimeSpan.FromSeconds(20) },
            Drain = new DrainModel { Timeout = TimeSpan.FromSeconds(40) },
        };
        var text = (Unit() with { Model = model }).Write();

        Assert.Contains("TimeoutStartSec=200\n", text, StringComparison.Ordinal);
        Assert.Contains("TimeoutStopSec=75\n", text, StringComparison.Ordinal);
    }

    private static ServiceUnit Unit() => new()
    {
        Service = "shop",
        Program = "/bin/true",
        Configuration = "/etc/shop/midstream.json",
        Model = new ServiceModel { Name = "shop", Listen = [] },
    };

    private static async Task<(int Code, string Complaints)> RunAsync(string program, params string[] arguments)
    {
        // A user's manager has one of its own; what is checked does not write there.
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardError = true };
        start.Environment["XDG_RUNTIME_DIR"] = Path.GetTempPath();
        using var process = Process.Start(start)!;
        var complaints = await process.StandardError.ReadToEndAsync().WaitAsync(Scene.Patience);
        await process.WaitForExitAsync().WaitAsync(Scene.Patience);
        return (process.ExitCode, complaints);
    }
}
