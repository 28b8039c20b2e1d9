namespace Midstream.TestKit;

/// <summary>What others rely on, kept as text files, so that a change of it is seen in review and never happens by renaming a
/// member.</summary>
public static class Approval
{
    /// <summary>Compares with the approved file; what came instead is left beside it as <c>*.received.txt</c>.</summary>
    /// <param name="project">The test project, which has the file in its folder Approved.</param>
    /// <param name="name">The file's name without its ending.</param>
    /// <param name="lines">What is so now.</param>
    /// <param name="condition">When a change may be approved.</param>
    /// <exception cref="InvalidOperationException">It is not what was approved.</exception>
    public static void Verify(string project, string name, IEnumerable<string> lines, string condition)
    {
        ArgumentNullException.ThrowIfNull(lines);
        var approved = Path.Combine(Repository.Root, "tests", project, "Approved", name + ".txt");
        var received = Path.ChangeExtension(approved, ".received.txt");
        var text = string.Concat(lines.Select(line => line + "\n"));
        if (File.Exists(approved) && File.ReadAllText(approved) == text)
        {
            File.Delete(received);
            return;
        }

        File.WriteAllText(received, text);
        throw new InvalidOperationException(
            $"{name} has changed. If that is meant and {condition}, approve it: mv {received} {approved}\n{text}");
    }
}
