// One posix_spawn(3): the child gets the named descriptors and no others, its own process group, and signals as if fresh.

using System.Runtime.InteropServices;
using Midstream.Linux.Native;

namespace Midstream.Linux;

internal static unsafe class PosixSpawn
{
    private const int FirstInherited = 3;

    // glibc's opaque structures take 80, 336 and 128 bytes on x86-64 and arm64; a test compares.
    internal const int OpaqueBytes = 1024;
    internal const int SignalSetBytes = 128;

    /// <summary>Starts the process and returns its pid.</summary>
    internal static int Start(string path, IReadOnlyList<string> arguments, SpawnRequest request)
    {
        using var argumentList = new NativeStrings(arguments);
        using var environment = new NativeStrings([.. request.Environment.Select(EnvironmentVariable.Write)]);
        using var descriptors = new StagedDescriptors(request);
        var actions = stackalloc byte[OpaqueBytes];
        var attributes = stackalloc byte[OpaqueBytes];
        Check(Libc.posix_spawn_file_actions_init(actions), "posix_spawn_file_actions_init");
        Check(Libc.posix_spawnattr_init(attributes), "posix_spawnattr_init");
        try
        {
            AddActions(actions, descriptors, request);
            SetAttributes(attributes);
            var error = Libc.posix_spawn(out var pid, path, actions, attributes, argumentList.Pointer, environment.Pointer);
            return error == 0 ? pid : throw new LinuxException(error, "posix_spawn", $"Cannot start {path}");
        }
        finally
        {
            _ = Libc.posix_spawnattr_destroy(attributes);
            _ = Libc.posix_spawn_file_actions_destroy(actions);
        }
    }

    private static void AddActions(byte* actions, StagedDescriptors descriptors, SpawnRequest request)
    {
        Check(
            Libc.posix_spawn_file_actions_addchdir_np(actions, request.WorkingDirectory),
            "posix_spawn_file_actions_addchdir_np");
        Check(
            Libc.posix_spawn_file_actions_addopen(actions, 0, "/dev/null", Abi.O_RDONLY, 0),
            "posix_spawn_file_actions_addopen");
        foreach (var (staged, target) in descriptors.Targets)
            Check(Libc.posix_spawn_file_actions_adddup2(actions, staged.Number, target), "posix_spawn_file_actions_adddup2");
        Check(
            Libc.posix_spawn_file_actions_addclosefrom_np(actions, FirstInherited + request.Inherited.Count),
            "posix_spawn_file_actions_addclosefrom_np");
    }

    private static void SetAttributes(byte* attributes)
    {
        var set = stackalloc byte[SignalSetBytes];
        Check(Libc.sigemptyset(set), "sigemptyset");
        Check(Libc.posix_spawnattr_setsigmask(attributes, set), "posix_spawnattr_setsigmask");
        // .NET ignores SIGPIPE, and an ignored signal stays ignored over execve(2).
        Check(Libc.sigfillset(set), "sigfillset");
        Check(Libc.posix_spawnattr_setsigdefault(attributes, set), "posix_spawnattr_setsigdefault");
        Check(Libc.posix_spawnattr_setpgroup(attributes, 0), "posix_spawnattr_setpgroup");
        const int Flags = Abi.POSIX_SPAWN_SETPGROUP | Abi.POSIX_SPAWN_SETSIGMASK | Abi.POSIX_SPAWN_SETSIGDEF;
        Check(Libc.posix_spawnattr_setflags(attributes, Flags), "posix_spawnattr_setflags");
    }

    // The functions of this family return their error number.
    private static void Check(int error, string call)
    {
        if (error != 0)
            throw new LinuxException(error, call, "Cannot prepare a process");
    }

    /// <summary>
    /// Duplicates of what the child gets, all above the numbers they will get, since a source among the targets could be
    /// overwritten before its turn. dup2 in the child then clears close-on-exec on the targets alone.
    /// </summary>
    private sealed class StagedDescriptors : IDisposable
    {
        private readonly List<(FileDescriptor Staged, int Target)> _targets = [];

        internal StagedDescriptors(SpawnRequest request)
        {
            try
            {
                var above = FirstInherited + request.Inherited.Count;
                Stage(request.StandardOutput, 1, above);
                Stage(request.StandardError, 2, above);
                for (var i = 0; i < request.Inherited.Count; i++)
                    Stage(request.Inherited[i], FirstInherited + i, above);
            }
            catch
            {
                Dispose();
                throw;
            }
        }

        internal IReadOnlyList<(FileDescriptor Staged, int Target)> Targets => _targets;

        public void Dispose() => _targets.ForEach(target => target.Staged.Dispose());

        private void Stage(SafeHandle? source, int target, int above)
        {
            if (source is not null)
                _targets.Add((FileDescriptor.DuplicateAbove(source, above), target));
        }
    }
}
