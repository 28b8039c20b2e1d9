using System.Globalization;
using Midstream.TestKit;

namespace Midstream.FunctionalTests.Succession;

/// <summary>A worker that writes numbered lines while its supervisor changes, and what of them its log must have.</summary>
internal static class NumberedLines
{
    // Writes from "go" to "enough", then says how many there were; serves all the time.
    private const string Program = """
        (
          until [ -e 'FOLDER/go' ]; do sleep 0.05; done
          n=0
          until [ -e 'FOLDER/enough' ]; do
            seq -f 'number %.0f' $((n + 1)) $((n + 500)); n=$((n + 500)); sleep 0.01
          done
          echo "written $n"
        ) &
        exec dotnet Echo.dll
        """;

    /// <summary>Makes the release; its command is <c>sh serve.sh</c>.</summary>
    public static string MakeRelease(TemporaryFolder folder) => folder.MakeRelease(
        Repository.Published("tests/TestApps/Echo"), "numbered",
        ("serve.sh", Program.Replace("FOLDER", folder.Path, StringComparison.Ordinal)));

    // More than is written in the moment between the reading of a line and the writing of it, on a busy machine.
    private const int GapLinesMax = 20_000;

    /// <summary>Waits for the end and fails the test unless each line is in the log, once and in order.</summary>
    /// <param name="scene">The service.</param>
    /// <param name="kills">How often a supervisor was killed that may have had lines in its hands: each may cost one run of
    /// lines.</param>
    /// <returns>The number of lines.</returns>
    public static async Task<int> AssertCompleteAsync(SuccessionScene scene, int kills = 0)
    {
        string[] lines = [];
        await Eventually.HoldsAsync(
            () => (lines = Read(scene)).Any(line => line.StartsWith("written ", StringComparison.Ordinal)),
            () => "The end is not in the log.");
        var written = int.Parse(
            lines.First(line => line.StartsWith("written ", StringComparison.Ordinal))[8..], CultureInfo.InvariantCulture);
        var numbers = lines.Where(line => line.StartsWith("number ", StringComparison.Ordinal))
            .Select(line => int.Parse(line[7..], CultureInfo.InvariantCulture)).ToList();
        var steps = numbers.Append(written + 1).Zip(numbers.Prepend(0), static (next, last) => next - last).ToList();
        Assert.True(steps.All(step => step > 0), "A line is doubled or out of order.");
        Assert.InRange(steps.Count(step => step > 1), 0, kills);
        Assert.InRange(written - numbers.Count, 0, kills * GapLinesMax);
        Assert.True(written >= 1000, $"only {written} lines: no proof");
        return written;
    }

    // A line is: time, worker, text.
    private static string[] Read(SuccessionScene scene)
    {
        using var file = new FileStream(
            scene.InState("logs", "worker.log"), FileMode.OpenOrCreate, FileAccess.Read, FileShare.ReadWrite);
        return [.. new StreamReader(file).ReadToEnd().Split('\n').Select(line => line.Split(' ', 3)[^1])];
    }
}
