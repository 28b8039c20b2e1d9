// Waits for descriptors the base library has no asynchronous wait for (pidfds, SEQPACKET and notify sockets), with one thread.

using System.Runtime.InteropServices;
using Midstream.Linux.Native;

namespace Midstream.Linux;

/// <summary>
/// Waits until descriptors are readable or writable, by one background thread and epoll(7). Thread-safe.
/// <list type="bullet">
/// <item>Each wait is one-shot; several waits, in both directions, may be pending on the same descriptor.</item>
/// <item>A pending wait keeps its handle's descriptor open: cancel the wait, then dispose the handle. The registration is
/// always removed before the descriptor can close, so a reused number never meets an old registration.</item>
/// <item>Continuations never run on the poller's thread.</item>
/// <item>An error or hang-up counts as both readable and writable: the call that follows tells which.</item>
/// </list>
/// </summary>
public sealed class FdPoller : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<int, Registration> _registrations = [];
    private readonly FileDescriptor _epoll;
    private readonly FileDescriptor _wake;
    private readonly Thread _thread;
    private uint _lastId;
    private Exception? _ended;

    /// <summary>Creates the poller and starts its thread.</summary>
    /// <exception cref="LinuxException">The process has no descriptor left (EMFILE).</exception>
    public unsafe FdPoller()
    {
        _epoll = FileDescriptor.Owning(Libc.epoll_create1(Abi.EPOLL_CLOEXEC), "epoll_create1", "Cannot create a poller");
        _wake = FileDescriptor.Owning(
            Libc.eventfd(0, Abi.EFD_CLOEXEC | Abi.EFD_NONBLOCK), "eventfd", "Cannot create a poller's wake-up");
        var wakeUp = stackalloc byte[EpollEvent.MaximumSize];
        EpollEvent.Write(wakeUp, Abi.EPOLLIN, 0);
        Calls.Check(Libc.epoll_ctl(_epoll, Abi.EPOLL_CTL_ADD, _wake, wakeUp), "epoll_ctl", "Cannot watch a poller's wake-up");
        _thread = new Thread(Run) { IsBackground = true, Name = "midstream-poller" };
        _thread.Start();
    }

    /// <summary>Waits until a descriptor is readable, hung up or in error.</summary>
    /// <param name="handle">The descriptor; kept open while the wait is pending.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task that ends when the descriptor is ready.</returns>
    /// <exception cref="LinuxException">The descriptor cannot be polled, such as a regular file (EPERM).</exception>
    /// <exception cref="ObjectDisposedException">The poller or the handle is disposed.</exception>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    public Task WaitReadableAsync(SafeHandle handle, CancellationToken cancellationToken = default) =>
        WaitAsync(handle, Abi.EPOLLIN, cancellationToken);

    /// <summary>Waits until a descriptor is writable, hung up or in error.</summary>
    /// <param name="handle">The descriptor; kept open while the wait is pending.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task that ends when the descriptor is ready.</returns>
    /// <exception cref="LinuxException">The descriptor cannot be polled, such as a regular file (EPERM).</exception>
    /// <exception cref="ObjectDisposedException">The poller or the handle is disposed.</exception>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    public Task WaitWritableAsync(SafeHandle handle, CancellationToken cancellationToken = default) =>
        WaitAsync(handle, Abi.EPOLLOUT, cancellationToken);

    /// <summary>Ends the thread; every pending wait fails with <see cref="ObjectDisposedException"/>.</summary>
    public unsafe void Dispose()
    {
        End(new ObjectDisposedException(nameof(FdPoller)));
        if (_wake.IsClosed)
            return;
        var one = 1UL;
        Libc.write(_wake, (byte*)&one, sizeof(ulong));
        _thread.Join();
        _epoll.Dispose();
        _wake.Dispose();
    }

    private async Task WaitAsync(SafeHandle handle, uint direction, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(handle);
        cancellationToken.ThrowIfCancellationRequested();
        var wait = new Wait(this, handle, direction);
        Add(wait);
        using (cancellationToken.UnsafeRegister(static (state, token) => ((Wait)state!).Cancel(token), wait))
            await wait.Task.ConfigureAwait(false);
    }

    private void Add(Wait wait)
    {
        lock (_gate)
        {
            if (_ended is not null)
                throw _ended;
            var referenced = false;
            try
            {
                wait.Handle.DangerousAddRef(ref referenced);
                Register_NeedsLock(wait);
            }
            catch when (referenced)
            {
                wait.Handle.DangerousRelease();
                throw;
            }
        }
    }

    private void Register_NeedsLock(Wait wait)
    {
        if (!_registrations.TryGetValue(wait.Number, out var registration))
            registration = new Registration(++_lastId);
        registration.Waits.Add(wait);
        try
        {
            Arm_NeedsLock(wait.Number, registration);
            _registrations[wait.Number] = registration;
        }
        catch
        {
            registration.Waits.Remove(wait);
            throw;
        }
    }

    /// <summary>Makes epoll watch for what the registration's waits want; the first time adds, later times change.</summary>
    private unsafe void Arm_NeedsLock(int number, Registration registration)
    {
        var wanted = stackalloc byte[EpollEvent.MaximumSize];
        EpollEvent.Write(wanted, registration.Wanted | Abi.EPOLLONESHOT, ((ulong)registration.Id << 32) | (uint)number);
        if (registration.Added && Libc.epoll_ctl(_epoll, Abi.EPOLL_CTL_MOD, number, wanted) == 0)
            return;
        // A registration may have gone by itself: its file was closed under a number that no handle here owned.
        if (registration.Added && Calls.LastError != Errno.ENOENT)
            throw LinuxException.Last("epoll_ctl(EPOLL_CTL_MOD)", $"Cannot wait for descriptor {number}");
        Calls.Check(
            Libc.epoll_ctl(_epoll, Abi.EPOLL_CTL_ADD, number, wanted),
            "epoll_ctl(EPOLL_CTL_ADD)", $"Cannot wait for descriptor {number}");
        registration.Added = true;
    }

    private void Cancel(Wait wait, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (!_registrations.TryGetValue(wait.Number, out var registration) || !registration.Waits.Remove(wait))
                return;
            Rearm_NeedsLock(wait.Number, registration);
            wait.Handle.DangerousRelease();
        }

        wait.TrySetCanceled(cancellationToken);
    }

    /// <summary>Watches on for the waits that are left, or removes the registration when there are none.</summary>
    private unsafe void Rearm_NeedsLock(int number, Registration registration)
    {
        if (registration.Waits.Count > 0)
        {
            Arm_NeedsLock(number, registration);
            return;
        }

        _registrations.Remove(number);
        Libc.epoll_ctl(_epoll, Abi.EPOLL_CTL_DEL, number, null);
    }

    private void Run()
    {
        try
        {
            while (Volatile.Read(ref _ended) is null)
                DispatchOnce();
        }
        catch (LinuxException failure)
        {
            End(failure);
        }
    }

    private unsafe void DispatchOnce()
    {
        const int Maximum = 64;
        var events = stackalloc byte[Maximum * EpollEvent.MaximumSize];
        var count = Libc.epoll_wait(_epoll, events, Maximum, -1);
        if (Calls.Interrupted(count))
            return;
        Calls.Check(count, "epoll_wait", "The poller cannot wait");
        for (var i = 0; i < count; i++)
        {
            var ready = events + (i * EpollEvent.Size);
            Dispatch(EpollEvent.DataOf(ready), EpollEvent.EventsOf(ready));
        }
    }

    private void Dispatch(ulong data, uint events)
    {
        if ((events & (Abi.EPOLLERR | Abi.EPOLLHUP)) != 0)
            events |= Abi.EPOLLIN | Abi.EPOLLOUT;
        List<Wait> ready;
        lock (_gate)
        {
            // The id tells an event of an earlier registration under the same number from one of the present registration.
            var number = (int)(uint)data;
            if (!_registrations.TryGetValue(number, out var registration) || registration.Id != (uint)(data >> 32))
                return;
            ready = registration.Take(events);
            Rearm_NeedsLock(number, registration);
            ready.ForEach(wait => wait.Handle.DangerousRelease());
        }

        ready.ForEach(wait => wait.TrySetResult());
    }

    private void End(Exception reason)
    {
        List<Wait> abandoned;
        lock (_gate)
        {
            if (_ended is not null)
                return;
            Volatile.Write(ref _ended, reason);
            abandoned = [.. _registrations.Values.SelectMany(registration => registration.Waits)];
            foreach (var (number, registration) in _registrations.ToList())
            {
                registration.Waits.Clear();
                Rearm_NeedsLock(number, registration);
            }

            abandoned.ForEach(wait => wait.Handle.DangerousRelease());
        }

        abandoned.ForEach(wait => wait.TrySetException(reason));
    }

    /// <summary>What epoll watches under one number, and for whom.</summary>
    private sealed class Registration(uint id)
    {
        internal uint Id => id;

        internal bool Added { get; set; }

        internal List<Wait> Waits { get; } = [];

        internal uint Wanted => Waits.Aggregate(0u, (wanted, wait) => wanted | wait.Direction);

        internal List<Wait> Take(uint events)
        {
            var ready = Waits.FindAll(wait => (wait.Direction & events) != 0);
            Waits.RemoveAll(wait => (wait.Direction & events) != 0);
            return ready;
        }
    }

    private sealed class Wait(FdPoller poller, SafeHandle handle, uint direction)
        : TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        internal SafeHandle Handle => handle;

        internal uint Direction => direction;

        // A referenced handle's number cannot change; before the reference only the dictionary key is at stake.
        internal int Number { get; } = (int)handle.DangerousGetHandle();

        internal void Cancel(CancellationToken cancellationToken) => poller.Cancel(this, cancellationToken);
    }
}
