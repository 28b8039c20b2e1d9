using Midstream.TestKit;

namespace Midstream.FunctionalTests.FaultMatrix;

/// <summary>What is around a service and can fail it: its disk, its descriptors, its clock.</summary>
internal sealed class Surroundings
{
    private const string ClockLibrary = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1";
    private const long DiskBytes = 8 << 20;

    private readonly TemporaryFolder _folder;
    private readonly MatrixFault _fault;

    public Surroundings(TemporaryFolder folder, MatrixFault fault)
    {
        _folder = folder;
        _fault = fault;
        if (fault == MatrixFault.ClockJumps)
            File.WriteAllText(ClockFile, "+0\n");
    }

    private string ClockFile => _folder.In("clock");

    /// <summary>Gets why the fault cannot be had on this machine; null when it can.</summary>
    public static string? Obstacle(MatrixFault fault) => fault == MatrixFault.ClockJumps && !File.Exists(ClockLibrary)
        ? $"the clock is that of libfaketime, and there is no {ClockLibrary}" : null;

    /// <summary>Gets the size of the state's own disk; null for none.</summary>
    public long? StateBytesMax => _fault == MatrixFault.DiskFull ? DiskBytes : null;

    /// <summary>Gets the supervisor's variables. Only the wall clock is the test's: the kernel's monotonic one never
    /// jumps.</summary>
    public IReadOnlyDictionary<string, string?>? Environment =>
        _fault != MatrixFault.ClockJumps ? null : new Dictionary<string, string?>
    {
        ["LD_PRELOAD"] = ClockLibrary,
        ["FAKETIME_TIMESTAMP_FILE"] = ClockFile,
        ["FAKETIME_CACHE_DURATION"] = "1",
        ["FAKETIME_DONT_FAKE_MONOTONIC"] = "1",
        ["DONT_FAKE_MONOTONIC"] = "1",
    };

    /// <summary>Makes them fail.</summary>
    /// <param name="service">The service.</param>
    /// <param name="spare">The descriptors that are left, if nobody gives one back meanwhile; 0 for none, whoever does.</param>
    public async Task FailAsync(MidstreamService service, int spare)
    {
        switch (_fault)
        {
            case MatrixFault.DiskFull:
                Fill(Filling(service));
                break;
            case MatrixFault.NoDescriptors:
                await LimitAsync(service, $"{LimitFor(service.Supervisor.Pid, spare)}");
                break;
            case MatrixFault.ClockJumps:
                File.WriteAllText(ClockFile, "+1h\n");
                break;
        }
    }

    /// <summary>Makes them work again. A clock stays where it has jumped to.</summary>
    public async Task RecoverAsync(MidstreamService service)
    {
        switch (_fault)
        {
            case MatrixFault.DiskFull:
                File.Delete(Filling(service));
                break;
            case MatrixFault.NoDescriptors:
                await LimitAsync(service, "1024");
                break;
        }
    }

    private static string Filling(MidstreamService service) => Path.Combine(service.State, "filling");

    // Soft only, so that it can be taken back.
    private static async Task LimitAsync(MidstreamService service, string limit)
    {
        var limited = await RunningProgram.RunAsync(
            "prlimit", ["--pid", $"{service.Supervisor.Pid}", $"--nofile={limit}:"]);
        Assert.True(limited.ExitCode == 0, limited.ToString());
    }

    // A new descriptor has the lowest free number, and that must be below the limit. The first three are never free.
    private static int LimitFor(int pid, int spare)
    {
        var taken = Processes.Descriptors(pid).Select(open => open.Number).ToHashSet();
        return Enumerable.Range(0, int.MaxValue).Where(number => !taken.Contains(number)).Take(spare).LastOrDefault(2) + 1;
    }

    // To the last byte.
    private static void Fill(string path)
    {
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        for (var block = new byte[4096]; TryWrite(file, block);)
        {
        }
    }

    private static bool TryWrite(FileStream file, byte[] block)
    {
        try
        {
            file.Write(block);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
