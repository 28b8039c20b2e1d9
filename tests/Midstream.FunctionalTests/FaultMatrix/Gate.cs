using System.Globalization;
using Midstream.TestKit;

namespace Midstream.FunctionalTests.FaultMatrix;

/// <summary>The test's side of the gate at which the application Misbehaving holds its first worker that comes there.</summary>
internal sealed class Gate
{
    private readonly string _folder;
    private readonly string _point;

    private Gate(string folder, string point)
    {
        _folder = folder;
        _point = point;
    }

    /// <summary>Gets the file with the process that is there.</summary>
    public string There => Path.Combine(_folder, "there");

    /// <summary>Gets the named pipe with the word.</summary>
    public string Word => Path.Combine(_folder, "word");

    /// <summary>Makes a gate.</summary>
    /// <param name="folder">The test's folder.</param>
    /// <param name="point">The point, as Misbehaving names it.</param>
    public static async Task<Gate> MakeAsync(TemporaryFolder folder, string point)
    {
        var gate = new Gate(Directory.CreateDirectory(folder.In("gate")).FullName, point);
        var made = await RunningProgram.RunAsync("mkfifo", [gate.Word]);
        return made.ExitCode == 0 ? gate : throw new InvalidOperationException($"mkfifo: {made}");
    }

    /// <summary>Makes a release whose first worker is held.</summary>
    public string Release(TemporaryFolder folder) => folder.MakeRelease(
        Repository.Published("tests/TestApps/Misbehaving"), "gated", ("misbehave", $"at:{_point}:{_folder}"));

    /// <summary>Waits until a worker is there.</summary>
    /// <returns>Its process.</returns>
    public async Task<int> ArrivedAsync()
    {
        var pid = 0;
        await Eventually.HoldsAsync(() => TryRead(out pid), () => $"No worker came to the point {_point}.");
        return pid;
    }

    /// <summary>Says the word that the worker waits for.</summary>
    public async Task SayAsync(string word)
    {
        var said = await RunningProgram.RunAsync("sh", ["-c", "echo \"$1\" > \"$0\"", Word, word]);
        Assert.Equal(0, said.ExitCode);
    }

    private bool TryRead(out int pid)
    {
        pid = 0;
        return File.Exists(There) && File.ReadAllText(There) is [.., '\n'] text
            && int.TryParse(text, CultureInfo.InvariantCulture, out pid);
    }
}
