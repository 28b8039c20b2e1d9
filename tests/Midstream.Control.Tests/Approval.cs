// The JSON on the wire, kept as text files, so that a change of it is seen in review and never happens by renaming a member.

using System.Runtime.CompilerServices;

namespace Midstream.Control.Tests;

internal static class Approval
{
    /// <summary>Compares with the approved file; what came instead is left beside it as <c>*.received.txt</c>.</summary>
    internal static void Verify(string name, IEnumerable<string> lines, [CallerFilePath] string caller = "")
    {
        var approved = Path.Combine(Path.GetDirectoryName(caller)!, "Approved", name + ".txt");
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
}
