// The JSON on the wire, kept as text files, so that a change of it is seen in review and never happens by renaming a member.

namespace Midstream.Control.Tests;

internal static class Approval
{
    /// <summary>Compares with the approved file; what came instead is left beside it as <c>*.received.txt</c>.</summary>
    internal static void Verify(string name, IEnumerable<string> lines)
    {
        var approved = Path.Combine(Folder(), name + ".txt");
        var received = Path.ChangeExtension(approved, ".received.txt");
        var text = string.Concat(lines.Select(line => line + "\n"));
        if (File.Exists(approved) && File.ReadAllText(approved) == text)
        {
            File.Delete(received);
            return;
        }

        File.WriteAllText(received, text);
        Assert.Fail($"The wire has changed. If that is meant and an old peer still understands it, approve it: "
            + $"mv {received} {approved}\n{text}");
    }

    // Found from the tests' own place: the compiler's paths are not those of this machine in a deterministic build.
    private static string Folder()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Midstream.slnx")))
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("These tests lie in no repository.");
        return Path.Combine(folder, "tests", "Midstream.Control.Tests", "Approved");
    }
}
