using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Midstream.Hosting.Datagrams;

namespace Midstream.Hosting;

/// <summary>Lets an application receive datagrams, over its replacement too. docs/operations/datagrams.md has an
/// example.</summary>
public static class MidstreamDatagramExtensions
{
    /// <summary>
    /// Adds who handles the datagrams of a UDP socket. Under <c>midstream run</c> it is one of those in "listen": no datagram is
    /// lost or handled twice when the application is replaced. Elsewhere the socket is bound here.
    /// </summary>
    /// <typeparam name="THandler">The handler; a singleton, also when it is added for several sockets.</typeparam>
    /// <param name="builder">The application's builder.</param>
    /// <param name="socket">The socket: its name in "listen" (under a supervisor alone), or its address,
    /// <c>udp://127.0.0.1:5353</c>. Each has one handler.</param>
    /// <param name="concurrencyMax">How many datagrams may be handled at once, 1 to 1024. With 1, the default, they are handled
    /// in the order of their arrival, but for the moment in which two processes receive. Each costs a buffer of 64 KiB.</param>
    /// <returns>The builder. The application's start fails with an <see cref="InvalidOperationException"/> that says what to do
    /// when there is no such socket.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="concurrencyMax"/> is out of range.</exception>
    /// <exception cref="FormatException">The address is none.</exception>
    public static IHostApplicationBuilder AddDatagramHandler<THandler>(
        this IHostApplicationBuilder builder, string socket, int concurrencyMax = 1)
        where THandler : class, IDatagramHandler
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(socket);
        ArgumentOutOfRangeException.ThrowIfLessThan(concurrencyMax, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(concurrencyMax, 1024);
        if (DatagramAddress.IsOne(socket))
            _ = DatagramAddress.Parse(socket);
        builder.AddMidstream();
        AddReceivers(builder.Services);
        builder.Services.TryAddSingleton<THandler>();
        builder.Services.AddSingleton(new DatagramRegistration(socket, concurrencyMax, typeof(THandler)));
        return builder;
    }

    /// <summary>Adds those who receive, once.</summary>
    internal static void AddReceivers(IServiceCollection services)
    {
        services.TryAddSingleton<DatagramReceivers>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, DatagramReceivers>(
            static provider => provider.GetRequiredService<DatagramReceivers>()));
    }
}
