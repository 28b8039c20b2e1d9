// The log of a real service whose workers write 100,000 numbered lines a second, followed by `midstream logs -f` through
// rotations and a deployment: what the follower shows is what was written, each line once.

using System.Globalization;
using Midstream.TestKit;

namespace Midstream.FunctionalTests.Logs;

public sealed class FollowedLogTests
{
    private const int Lines = 200_000;
    private const int EndBytes = 4096;

    // Writes when it is told to, and then goes on serving.
    private const string Script = """
        (
          until [ -e "$GO" ]; do sleep 0.05; done
          n=1
          while [ $n -le LINES ]; do
            seq -f 'number %.0f of a line that is about eighty bytes long, as lines are' $n $((n + 9999))
            n=$((n + 10000)); sleep 0.1
          done
          echo the end
        ) &
        exec node node-server.js
        """;

    [Fact]
    public Task Follow_ThroughRotationsBySizeAndADeployment_ShowsEveryLineOnceInOrder() => FollowAsync(
        """{ "size_max_bytes": 2000000, "files_max": 200, "compress": true }""", _ => Task.CompletedTask);

    [Fact]
    public Task Follow_ThroughLogrotateAndADeployment_ShowsEveryLineOnceInOrder() => FollowAsync(
        """{ "size_max_bytes": 1099511627776 }""", RotateAsync);

    private static async Task FollowAsync(string logs, Func<string, Task> duringIt)
    {
        using var folder = new TemporaryFolder();
        string[] releases = [MakeRelease(folder, "first"), MakeRelease(folder, "second")];
        await using var service = await MidstreamService.StartAsync(folder, releases[0], $$"""
            {
              "command": ["sh", "serve.sh"], "ready": { "http": "/" }, "probation": { "duration_ms": 0 },
              "environment": { "GO": "{{folder.In("go")}}" }, "logs": {{logs}}
            }
            """);
        var shown = folder.In("shown");
        var follow = $"exec '{Repository.Program}' logs --follow --lines 1000000 --state '{service.State}' > '{shown}'";
        await using var following = RunningProgram.Start("/bin/sh", ["-c", follow]);

        await File.WriteAllTextAsync(folder.In("go"), "");
        var kept = Assert.Single(Directory.GetDirectories(service.State, "logs", SearchOption.AllDirectories));
        await duringIt(Path.Combine(kept, "worker.log"));
        await Waiting.UntilAsync(() => EndOf(shown).Contains(" g1.1 the end\n", StringComparison.Ordinal), "the first's end");
        await service.DeployWellAsync(releases[1]);
        await Waiting.UntilAsync(() => EndOf(shown).Contains(" g2.1 the end\n", StringComparison.Ordinal), "the second's end");

        following.Signal("INT");
        Assert.Equal(0, (await following.WaitAsync()).ExitCode);
        AssertNumbers(shown, "g1.1");
        AssertNumbers(shown, "g2.1");
        var selected = await service.RunAsync("logs", "--generation", "1", "--worker", "1", "--lines", "2");
        Assert.Equal(["the end"], selected.Output.TrimEnd('\n').Split('\n').Skip(1).Select(line => line.Split(' ', 3)[2]));
        Assert.Empty((await service.RunAsync("logs", "--worker", "9")).Output);
    }

    private static async Task RotateAsync(string file)
    {
        Assert.SkipUnless(File.Exists("/usr/sbin/logrotate"), "logrotate is not installed.");
        var folder = Path.GetDirectoryName(file)!;
        await File.WriteAllTextAsync(Path.Combine(folder, "rotate.conf"), $"{file} {{\n su root root\n rotate 50\n create\n}}\n");
        File.SetUnixFileMode(Path.Combine(folder, "rotate.conf"), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        for (var rotation = 0; rotation < 5; rotation++)
        {
            await Waiting.UntilAsync(() => File.Exists(file) && new FileInfo(file).Length > 0, "lines after a rotation");
            var program = await RunningProgram.RunAsync(
                "/usr/sbin/logrotate",
                ["--force", "--state", Path.Combine(folder, "rotate.state"), Path.Combine(folder, "rotate.conf")]);
            Assert.Equal(0, program.ExitCode);
        }
    }

    private static void AssertNumbers(string shown, string worker)
    {
        var numbers = File.ReadLines(shown).Select(line => line.Split(' ', 5))
            .Where(parts => parts.Length == 5 && parts[1] == worker && parts[2] == "number")
            .Select(parts => int.Parse(parts[3], CultureInfo.InvariantCulture));
        Assert.Equal(Enumerable.Range(1, Lines), numbers);
    }

    private static string MakeRelease(TemporaryFolder folder, string marker) => folder.MakeRelease(
        Path.Combine(Repository.Root, "tests", "TestApps", "node"),
        marker,
        ("serve.sh", Script.Replace("LINES", $"{Lines}", StringComparison.Ordinal)));

    private static string EndOf(string path)
    {
        using var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.Read, FileShare.ReadWrite);
        file.Position = Math.Max(0, file.Length - EndBytes);
        return new StreamReader(file).ReadToEnd();
    }
}
