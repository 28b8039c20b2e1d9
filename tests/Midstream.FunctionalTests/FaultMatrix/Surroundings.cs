using Midstream.TestKit;

namespace Midstream.FunctionalTests.FaultMatrix;

/// <summary>What is around a service and can fail it: its disk, its descriptors, its clock.</summary>
internal sealed class Surroundings : IAsyncDisposable
{
    /// <summary>How far the clock jumps.</summary>
    public static readonly TimeSpan Jump = TimeSpan.FromHours(1);

    private const long DiskBytes = 8 << 20;

    private readonly MatrixFault _fault;

    private Surroundings(TemporaryFolder folder, MatrixFault fault)
    {
        Folder = folder;
        _fault = fault;
    }

    /// <summary>Gets the test's folder. The service's scene removes it.</summary>
    public TemporaryFolder Folder { get; }

    /// <summary>Gets the state's own disk; null for none.</summary>
    public SmallDisk? Disk { get; private init; }

    /// <summary>Gets the clock; null for the machine's.</summary>
    public JumpingClock? Clock { get; private init; }

    /// <summary>Gets the supervisor's variables; null for none.</summary>
    public IReadOnlyDictionary<string, string?>? Environment => Clock?.Environment;

    /// <summary>Makes what a fault needs.</summary>
    public static async Task<Surroundings> MakeAsync(MatrixFault fault)
    {
        var folder = new TemporaryFolder();
        return new Surroundings(folder, fault)
        {
            Disk = fault == MatrixFault.DiskFull ? await SmallDisk.MountAsync(folder.In("state"), DiskBytes) : null,
            Clock = fault == MatrixFault.ClockJumps ? await JumpingClock.MakeAsync(folder) : null,
        };
    }

    /// <summary>Makes them fail.</summary>
    /// <param name="service">The service.</param>
    /// <param name="spare">The descriptors that are left, if nobody gives one back meanwhile; 0 for none, whoever does.</param>
    public async Task FailAsync(MidstreamService service, int spare = 0)
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
                Clock!.JumpTo(Jump);
                break;
        }
    }

    /// <summary>Makes them work again. The clock jumps to the other side of the true time.</summary>
    /// <param name="service">The service.</param>
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
            case MatrixFault.ClockJumps:
                Clock!.JumpTo(-Jump);
                break;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Disk is not null)
            await Disk.DisposeAsync();
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
