// Every constant and layout this product declares, against the system's own headers, so that a wrong one fails here and not as
// corrupted memory.

using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;
using Midstream.Linux.Native;

namespace Midstream.Linux.Tests;

public sealed class AbiTests
{
    private const string Headers = """
        #define _GNU_SOURCE
        #include <errno.h>
        #include <fcntl.h>
        #include <grp.h>
        #include <netinet/in.h>
        #include <pwd.h>
        #include <signal.h>
        #include <spawn.h>
        #include <stddef.h>
        #include <stdio.h>
        #include <string.h>
        #include <sys/epoll.h>
        #include <sys/eventfd.h>
        #include <sys/file.h>
        #include <sys/mman.h>
        #include <sys/prctl.h>
        #include <sys/resource.h>
        #include <sys/socket.h>
        #include <sys/stat.h>
        #include <sys/syscall.h>
        #include <sys/time.h>
        #include <sys/uio.h>
        #include <sys/un.h>
        #include <sys/wait.h>
        #include <unistd.h>
        #include <linux/capability.h>
        #include <linux/netlink.h>
        #include <linux/sock_diag.h>
        #include <linux/unix_diag.h>
        """;

    [Fact]
    public void Constants_ComparedWithTheHeaders_AreEqual()
    {
        var ours = ConstantsOf(typeof(Abi)).Concat(ConstantsOf(typeof(Errno))).Concat(ConstantsOf(typeof(Signal))).ToList();
        ours.Add(("O_DIRECTORY", Abi.O_DIRECTORY));
        ours.Add(("O_NOFOLLOW", Abi.O_NOFOLLOW));
        Assert.True(ours.Count > 100);
        Assert.Equal(ours, Measure(ours.Select(constant => constant.Name)));
    }

    [Fact]
    public void Layouts_ComparedWithTheHeaders_AreEqual()
    {
        List<(string Name, long Value)> ours =
        [
            .. Layout<IoVector>("struct iovec", ("Base", "iov_base"), ("Length", "iov_len")),
            .. Layout<MessageHeader>(
                "struct msghdr", ("Name", "msg_name"), ("NameLength", "msg_namelen"), ("Vectors", "msg_iov"),
                ("VectorCount", "msg_iovlen"), ("Control", "msg_control"), ("ControlLength", "msg_controllen"),
                ("Flags", "msg_flags")),
            .. Layout<ControlHeader>("struct cmsghdr", ("Length", "cmsg_len"), ("Level", "cmsg_level"), ("Type", "cmsg_type")),
            .. Layout<UserCredentials>("struct ucred", ("Pid", "pid"), ("Uid", "uid"), ("Gid", "gid")),
            .. Layout<TimeValue>("struct timeval", ("Seconds", "tv_sec"), ("Microseconds", "tv_usec")),
            .. Layout<ResourceLimits>("struct rlimit", ("Current", "rlim_cur"), ("Maximum", "rlim_max")),
            .. Layout<SignalInfo>("siginfo_t", ("Code", "si_code"), ("Pid", "si_pid"), ("Status", "si_status")),
            .. Layout<FileStatus>(
                "struct statx", ("Uid", "stx_uid"), ("Gid", "stx_gid"), ("Mode", "stx_mode"), ("Inode", "stx_ino"),
                ("Size", "stx_size"), ("DeviceMajor", "stx_dev_major"), ("DeviceMinor", "stx_dev_minor")),
            .. Layout<UserEntry>(
                "struct passwd", ("Name", "pw_name"), ("Uid", "pw_uid"), ("Gid", "pw_gid"),
                ("Home", "pw_dir"), ("Shell", "pw_shell")),
            .. Layout<GroupEntry>("struct group", ("Gid", "gr_gid")),
            ("sizeof(struct epoll_event)", EpollEvent.Size),
            ("sizeof(((struct sockaddr_un*)0)->sun_path) - 1", UnixSocketPath.MaximumDirectBytes),
            ("sizeof(struct nlmsghdr)", 16),
            ("sizeof(struct unix_diag_req)", 24),
            ("sizeof(struct unix_diag_msg)", 16),
            ("CMSG_SPACE(16 * sizeof(int))", ControlMessages.Space(64)),
            ("CMSG_SPACE(sizeof(struct ucred))", ControlMessages.Space(12)),
        ];
        Assert.Equal(ours, Measure(ours.Select(value => value.Name)));
    }

    [Fact]
    public void OpaqueStructures_ComparedWithTheHeaders_FitTheirBuffers()
    {
        var sizes = Measure(["sizeof(posix_spawn_file_actions_t)", "sizeof(posix_spawnattr_t)", "sizeof(sigset_t)"]);
        Assert.True(sizes[0].Value <= PosixSpawn.OpaqueBytes);
        Assert.True(sizes[1].Value <= PosixSpawn.OpaqueBytes);
        Assert.Equal(PosixSpawn.SignalSetBytes, sizes[2].Value);
    }

    [Fact]
    public unsafe void EpollEvent_Written_ReadsBackAtTheHeadersOffset()
    {
        var bytes = stackalloc byte[EpollEvent.MaximumSize];
        EpollEvent.Write(bytes, 7, 0x1122334455667788);
        var offset = Measure(["offsetof(struct epoll_event, data)"])[0].Value;
        Assert.Equal(0x1122334455667788UL, Marshal.PtrToStructure<ulong>((nint)(bytes + offset)));
        Assert.Equal(0x1122334455667788UL, EpollEvent.DataOf(bytes));
        Assert.Equal(7u, EpollEvent.EventsOf(bytes));
    }

    [Fact]
    public void SignalNames_ComparedWithTheCLibrary_AreEqual()
    {
        var prints = string.Concat(Enumerable.Range(1, 31).Select(number => $"printf(\"SIG%s\\n\", sigabbrev_np({number}));\n"));
        var program = CCompiler.Compile($"{Headers}\nint main(void) {{ {prints} return 0; }}");
        var theirs = CCompiler.Run(program).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(theirs.Select(name => name == "SIGPOLL" ? "SIGIO" : name), Enumerable.Range(1, 31).Select(Signal.NameOf));
    }

    private static IEnumerable<(string Name, long Value)> ConstantsOf(Type type) =>
        type.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)
            .Where(field => field.IsLiteral)
            .Select(field => (field.Name, Convert.ToInt64(field.GetRawConstantValue(), CultureInfo.InvariantCulture)));

    private static IEnumerable<(string Name, long Value)> Layout<T>(string name, params (string Ours, string Theirs)[] fields)
        where T : struct =>
        fields.Select(field => ($"offsetof({name}, {field.Theirs})", Marshal.OffsetOf<T>(field.Ours).ToInt64()))
            .Append(($"sizeof({name})", Marshal.SizeOf<T>()));

    private static List<(string Name, long Value)> Measure(IEnumerable<string> expressions)
    {
        var names = expressions.ToList();
        var source = new StringBuilder(Headers).AppendLine().AppendLine("int main(void) {");
        foreach (var name in names)
            source.AppendLine(CultureInfo.InvariantCulture, $"printf(\"%lld\\n\", (long long)({name}));");
        var (code, output, _) = CCompiler.Run(CCompiler.Compile(source.AppendLine("return 0; }").ToString()));
        Assert.Equal(0, code);
        var values = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return [.. names.Zip(values, (name, value) => (name, long.Parse(value, CultureInfo.InvariantCulture)))];
    }
}
