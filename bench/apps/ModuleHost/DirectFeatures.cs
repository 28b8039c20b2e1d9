// A connection's features as Kestrel has them: one object that is all of the usual ones itself and is used again for the next
// request, with a place of its own for each feature that is replaced in every request.

using System.Collections;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Hosting.Server.Abstractions;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace ModuleHost;

internal sealed class DirectFeatures<TContext> : IFeatureCollection, IHostContextContainer<TContext>, IHttpRequestFeature,
    IHttpResponseFeature, IHttpResponseBodyFeature, IEndpointFeature, IRouteValuesFeature
    where TContext : notnull
{
    private readonly Dictionary<Type, object> _others = [];
    private readonly Stack<(Func<object, Task> Call, object State)> _completed = new();
    private readonly NowhereWriter _writer = new();
    private readonly string _path;
    private IServiceProvidersFeature? _services;
    private IEndpointFeature? _endpoint;

    public DirectFeatures(string path) => _path = path;

    public TContext? HostContext { get; set; }

    public bool IsReadOnly => false;

    public int Revision { get; private set; }

    public string Protocol { get; set; } = "HTTP/1.1";

    public string Scheme { get; set; } = "http";

    public string Method { get; set; } = "GET";

    public string PathBase { get; set; } = "";

    public string Path { get; set; } = "";

    public string QueryString { get; set; } = "";

    public string RawTarget { get; set; } = "";

    public IHeaderDictionary Headers { get; set; } = new HeaderDictionary { ["Host"] = "localhost" };

    public int StatusCode { get; set; }

    public string? ReasonPhrase { get; set; }

    public bool HasStarted { get; private set; }

    public Endpoint? Endpoint { get; set; }

    public RouteValueDictionary RouteValues { get; set; } = [];

    public PipeWriter Writer => _writer;

    Stream IHttpResponseBodyFeature.Stream => Stream.Null;

    Stream IHttpRequestFeature.Body { get; set; } = Stream.Null;

    Stream IHttpResponseFeature.Body { get; set; } = Stream.Null;

    IHeaderDictionary IHttpResponseFeature.Headers { get; set; } = new HeaderDictionary();

    /// <summary>Makes it as it is before a request.</summary>
    public void Begin()
    {
        Path = _path;
        RawTarget = _path;
        PathBase = "";
        StatusCode = StatusCodes.Status200OK;
        HasStarted = false;
        Endpoint = null;
        RouteValues.Clear();
        ((IHttpResponseFeature)this).Headers.Clear();
        _services = null;
        _endpoint = this;
        Revision++;
    }

    /// <summary>Does what was to be done at the request's end.</summary>
    /// <returns>False when it could not be done at once, or the request was not answered with 200.</returns>
    public bool End()
    {
        while (_completed.TryPop(out var last))
        {
            if (!last.Call(last.State).IsCompletedSuccessfully)
                return false;
        }

        return StatusCode == StatusCodes.Status200OK;
    }

    // As Kestrel's own: types compared one after the other, and no cast that looks at the object.
    public TFeature? Get<TFeature>()
    {
        object? found;
        if (typeof(TFeature) == typeof(IHttpRequestFeature))
            found = this;
        else if (typeof(TFeature) == typeof(IHttpResponseFeature))
            found = this;
        else if (typeof(TFeature) == typeof(IHttpResponseBodyFeature))
            found = this;
        else if (typeof(TFeature) == typeof(IRouteValuesFeature))
            found = this;
        else if (typeof(TFeature) == typeof(IEndpointFeature))
            found = _endpoint;
        else if (typeof(TFeature) == typeof(IServiceProvidersFeature))
            found = _services;
        else
            found = _others.GetValueOrDefault(typeof(TFeature));
        return Unsafe.As<object?, TFeature?>(ref found);
    }

    public void Set<TFeature>(TFeature? instance)
    {
        Revision++;
        if (typeof(TFeature) == typeof(IServiceProvidersFeature))
            _services = (IServiceProvidersFeature?)instance;
        else if (typeof(TFeature) == typeof(IEndpointFeature))
            _endpoint = (IEndpointFeature?)instance;
        else
            this[typeof(TFeature)] = instance;
    }

    public object? this[Type key]
    {
        get => key == typeof(IServiceProvidersFeature) ? _services
            : key == typeof(IEndpointFeature) ? _endpoint
            : key.IsInstanceOfType(this) ? this : _others.GetValueOrDefault(key);
        set
        {
            if (value is null)
                _others.Remove(key);
            else
                _others[key] = value;
        }
    }

    public void OnStarting(Func<object, Task> callback, object state)
    {
    }

    public void OnCompleted(Func<object, Task> callback, object state) => _completed.Push((callback, state));

    public Task StartAsync(CancellationToken cancellationToken = default)
    {
        HasStarted = true;
        return Task.CompletedTask;
    }

    public Task CompleteAsync() => Task.CompletedTask;

    public void DisableBuffering()
    {
    }

    public Task SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException("No endpoint that is measured sends a file.");

    public IEnumerator<KeyValuePair<Type, object>> GetEnumerator() => _others.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}

/// <summary>Takes every byte and forgets it.</summary>
internal sealed class NowhereWriter : PipeWriter
{
    private readonly byte[] _buffer = new byte[4096];

    public override void Advance(int bytes)
    {
    }

    public override void CancelPendingFlush()
    {
    }

    public override void Complete(Exception? exception = null)
    {
    }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) =>
        new(new FlushResult(isCanceled: false, isCompleted: false));

    public override Memory<byte> GetMemory(int sizeHint = 0) => _buffer;

    public override Span<byte> GetSpan(int sizeHint = 0) => _buffer;
}
