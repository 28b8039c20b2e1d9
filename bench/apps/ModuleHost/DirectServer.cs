// A server in front of Kestrel that keeps hold of the application, so that requests can be put to it without a connection too:
// the same pipeline, the same hosting, no parsing and no sockets.

using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.Features;

namespace ModuleHost;

internal sealed class DirectServer(IServer inner) : IServer
{
    private Func<string, DirectClient>? _connect;

    public IFeatureCollection Features => inner.Features;

    /// <summary>Puts it in the place of the server that the services hold.</summary>
    public static void PutInFrontOf(IServiceCollection services)
    {
        var server = services.Last(service => service.ServiceType == typeof(IServer)).ImplementationType!;
        services.AddSingleton<IServer>(provider =>
            new DirectServer((IServer)ActivatorUtilities.CreateInstance(provider, server)));
    }

    /// <summary>Makes a client that asks for one path over and over.</summary>
    public DirectClient Connect(string path) => _connect!(path);

    public Task StartAsync<TContext>(IHttpApplication<TContext> application, CancellationToken cancellationToken)
        where TContext : notnull
    {
        _connect = path => new DirectClient<TContext>(application, new DirectFeatures<TContext>(path));
        return inner.StartAsync(application, cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken) => inner.StopAsync(cancellationToken);

    public void Dispose() => inner.Dispose();
}

/// <summary>Puts requests to an application, one after the other, on the caller's thread.</summary>
internal abstract class DirectClient
{
    /// <summary>Sends one request.</summary>
    /// <exception cref="InvalidOperationException">It was not answered with 200 at once, so that a thread's time would not be
    /// its time.</exception>
    public abstract void Send();
}

/// <summary>As Kestrel does it: context, request, what was to be done at its end, the context's end.</summary>
internal sealed class DirectClient<TContext>(IHttpApplication<TContext> application, DirectFeatures<TContext> features)
    : DirectClient
    where TContext : notnull
{
    public override void Send()
    {
        features.Begin();
        var context = application.CreateContext(features);
        var serving = application.ProcessRequestAsync(context);
        if (!serving.IsCompletedSuccessfully || !features.End())
            throw new InvalidOperationException($"A request was not answered at once, or with {features.StatusCode}.");
        application.DisposeContext(context, exception: null);
    }
}
