// A place in the worker's life where a test can hold it, and from where it goes wrong as the test says.

using System.Text.Json;
using Microsoft.Win32.SafeHandles;

namespace Misbehaving;

/// <summary>
/// Holds the first worker that comes to a point of its life: it writes its process id into the file <c>there</c> of a folder and
/// waits for a word from the named pipe <c>word</c> beside it: <c>exit</c>, <c>rubbish</c> or <c>go</c>.
/// </summary>
/// <param name="point">The point: <c>spawn</c> (the program begins), <c>ready</c> (just before it says that it is ready),
/// <c>switch</c> (its gate is open, which it has not said), <c>drain</c> (a request to <c>/held</c> is under way), <c>stop</c>
/// (it was told to stop).</param>
/// <param name="folder">The folder.</param>
internal sealed class Gate(string point, string folder)
{
    private const int RubbishBytes = 100_000;
    private const int RubbishSeed = 17;

    /// <summary>Holds nobody.</summary>
    public static readonly Gate Nowhere = new("", "");

    public void Pass(string here)
    {
        if (here != point || !IsFirst())
            return;
        switch (File.ReadAllText(Path.Combine(folder, "word")).Trim())
        {
            case "exit":
                Environment.Exit(3);
                break;
            case "rubbish":
                WriteRubbish();
                break;
        }
    }

    private bool IsFirst()
    {
        try
        {
            using var there = new StreamWriter(new FileStream(Path.Combine(folder, "there"), FileMode.CreateNew));
            there.WriteLine(Environment.ProcessId);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    // To its output, and where nobody but Midstream's own part has business: into the control channel.
    private static void WriteRubbish()
    {
        var rubbish = new byte[RubbishBytes];
        new Random(RubbishSeed).NextBytes(rubbish);
        using var output = Console.OpenStandardOutput();
        output.Write(rubbish);
        using var about = JsonDocument.Parse(Environment.GetEnvironmentVariable("MIDSTREAM_WORKER")!);
        var number = about.RootElement.EnumerateObject()
            .First(member => member.Name.StartsWith("control", StringComparison.OrdinalIgnoreCase)).Value.GetInt32();
        using var channel = new SafeFileHandle(number, ownsHandle: false);
        RandomAccess.Write(channel, rubbish.AsSpan(0, 100), 0);
        RandomAccess.Write(channel, "{\"type\":\"no-such-message\"}"u8, 0);
        RandomAccess.Write(channel, "null"u8, 0);
        RandomAccess.Write(channel, rubbish, 0);
    }
}
