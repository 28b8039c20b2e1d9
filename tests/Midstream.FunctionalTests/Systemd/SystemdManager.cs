using Midstream.TestKit;

namespace Midstream.FunctionalTests.Systemd;

/// <summary>
/// A real systemd as process 1 of namespaces of its own, with units of its own and no others: it starts nothing of the machine,
/// and nothing of it is left when it ends.
/// </summary>
internal sealed class SystemdManager : IAsyncDisposable
{
    private const string Program = "/lib/systemd/systemd";

    private static readonly string[] s_namespaces = ["--cgroup", "--uts", "--ipc"];

    // The units are in a tmpfs of its own. It runs no unit of the machine's, so those that ours name are empty.
    private const string Boot = """
        set -e
        mount --make-rprivate /
        mount -t tmpfs tmpfs /run
        mkdir /run/lock
        umount --recursive /sys/fs/cgroup 2> /dev/null || true
        mount -t cgroup2 cgroup2 /sys/fs/cgroup
        mount -t tmpfs tmpfs /etc/systemd/system
        mount -t tmpfs tmpfs /var/lib
        for target in test basic sysinit shutdown sockets network multi-user; do
          printf '[Unit]\nDescription=%s\nDefaultDependencies=no\n' "$target" > "/etc/systemd/system/$target.target"
        done
        exec env -i container=test PATH="$PATH" SYSTEMD_UNIT_PATH=/etc/systemd/system \
          /lib/systemd/systemd --system --unit=test.target --log-target=null --show-status=no
        """;

    private readonly string _cgroup;
    private readonly FirstProcess _first;

    private SystemdManager(string cgroup, FirstProcess first)
    {
        _cgroup = cgroup;
        _first = first;
    }

    /// <summary>Skips the test where no systemd can be had.</summary>
    public static async Task SkipUnlessPossibleAsync()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "A systemd of the test's own has to be started by root.");
        Assert.SkipUnless(File.Exists(Program), "systemd is not installed (package systemd).");
        Assert.SkipUnless(CgroupRoot() is not null, "There is no cgroup2 file system that may be written to.");
        var reason = await FirstProcess.WhyNotAsync(s_namespaces);
        Assert.SkipUnless(reason is null, reason ?? "");
    }

    /// <summary>Starts it, and waits until it takes orders.</summary>
    public static async Task<SystemdManager> StartAsync()
    {
        var cgroup = Path.Combine(CgroupRoot()!, $"midstream-test-{Guid.NewGuid():N}");
        Directory.CreateDirectory(cgroup);
        SystemdManager? manager = null;
        try
        {
            var first = await FirstProcess.StartAsync(
                ["sh", "-c", Boot], s_namespaces, Path.Combine(cgroup, "cgroup.procs"));
            manager = new SystemdManager(cgroup, first);
            await Waiting.UntilAsync(manager.HasStartedAsync, "systemd's start");
            return manager;
        }
        catch
        {
            await (manager?.DisposeAsync() ?? RemoveAsync(cgroup));
            throw;
        }
    }

    /// <summary>Runs a program to its end as a process of this systemd's machine.</summary>
    public Task<ProgramResult> RunAsync(string program, params string[] arguments) => _first.RunAsync(program, arguments);

    /// <summary>Runs systemctl, which has to succeed.</summary>
    /// <returns>What it has written.</returns>
    public async Task<string> SystemctlAsync(params string[] arguments)
    {
        var ended = await RunAsync("systemctl", arguments);
        return ended.ExitCode == 0
            ? ended.Output.Trim() : throw new InvalidOperationException($"systemctl {string.Join(' ', arguments)}: {ended}");
    }

    /// <summary>Reads the processes of a unit.</summary>
    /// <returns>Their numbers outside.</returns>
    public IReadOnlyList<string> ProcessesOf(string unit)
    {
        var file = Path.Combine(_cgroup, "system.slice", unit, "cgroup.procs");
        return File.Exists(file) ? File.ReadAllLines(file) : [];
    }

    public async ValueTask DisposeAsync()
    {
        await _first.DisposeAsync();
        await RemoveAsync(_cgroup);
    }

    private async Task<bool> HasStartedAsync() =>
        (await RunAsync("systemctl", "is-active", "test.target")).Output.Trim() == "active";

    private static string? CgroupRoot() => File.ReadLines("/proc/mounts")
        .Select(line => line.Split(' '))
        .Where(mount => mount[2] == "cgroup2" && mount[3].Split(',').Contains("rw"))
        .Select(mount => mount[1])
        .FirstOrDefault();

    // The kernel lets go of a cgroup a moment after its last process.
    private static async ValueTask RemoveAsync(string cgroup) =>
        await Eventually.HoldsAsync(() => TryRemove(cgroup), () => $"{cgroup} is not empty.");

    private static bool TryRemove(string cgroup)
    {
        try
        {
            foreach (var inner in Directory.GetDirectories(cgroup))
                TryRemove(inner);
            Directory.Delete(cgroup);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
