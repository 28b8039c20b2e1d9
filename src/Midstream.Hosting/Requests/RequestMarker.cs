using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Midstream.Core.Drain;
using Midstream.Hosting.Counters;
using Midstream.Hosting.Transport;
using Midstream.Hosting.Worker;

namespace Midstream.Hosting.Requests;

/// <summary>
/// The outermost middleware: tells a connection where its requests begin and end and what protocol it turned out to
/// speak, counts them, and answers the load oracle's question which release it is talking to.
/// </summary>
/// <param name="worker">This worker's identity.</param>
/// <param name="counters">Counts requests, the supervisor's own left out.</param>
/// <param name="notice">Says when the process lets go of its connections.</param>
/// <param name="logger">For what an application does wrong.</param>
internal sealed class RequestMarker(
    WorkerIdentity worker, WorkerCounters counters, IHandOverNotice notice, ILogger<RequestMarker> logger) : IStartupFilter
{
    /// <summary>The request header by which <c>midstream prove</c> numbers its requests.</summary>
    public const string ProveIdHeader = "X-Prove-Id";

    /// <summary>The response header that tells a request with <see cref="ProveIdHeader"/> which release answered.</summary>
    public const string ReleaseHeader = "Midstream-Release";

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(Mark);
        next(app);
    };

    private Task Mark(HttpContext context, RequestDelegate next)
    {
        if (context.Request.Headers.TryGetValue(ProveIdHeader, out var id))
            AnswerProof(context, id.ToString());

        // Not there for a request that came another way, as in a test server.
        // By the type and not by Get<T>, which looks up its own code for each request.
        if (context.Features[typeof(MidstreamConnection)] is not MidstreamConnection connection)
            return next(context);

        return connection.IsPrivate ? MarkKind(connection, null, context, next) : Count(connection, context, next);
    }

    // Registered first and so run last: the application's own OnCompleted belongs to the request.
    private Task Count(MidstreamConnection connection, HttpContext context, RequestDelegate next)
    {
        var request = counters.BeginRequest();
        context.Response.OnCompleted(s_counted, request);
        return MarkKind(connection, request, context, next);
    }

    private static readonly Func<object, Task> s_counted = static request =>
    {
        ((RequestUnderWay)request).End();
        return Task.CompletedTask;
    };

    private Task MarkKind(
        MidstreamConnection connection, RequestUnderWay? request, HttpContext context, RequestDelegate next) =>
        connection.Boundary.Kind == ConnectionKind.Http1
            ? MarkHttp1(connection, request, context, next) : MarkOther(connection, request, context, next);

    private Task Handle(RequestUnderWay? request, HttpContext context, RequestDelegate next)
    {
        if (EventStreamEnd.IsFor(context.Request))
            next = UntilHandOver(next);
        return request is null ? next(context) : request.Handle(context, next);
    }

    // Apart from its only caller, which would else allocate for each request what only a stream of events needs.
    private RequestDelegate UntilHandOver(RequestDelegate next) =>
        context => EventStreamEnd.HandleAsync(context, next, notice.HandingOver);

    private Task MarkHttp1(
        MidstreamConnection connection, RequestUnderWay? request, HttpContext context, RequestDelegate next)
    {
        var isChunked = context.Request.Headers.TransferEncoding.Count > 0;
        connection.Boundary.RequestStarted(isChunked ? null : context.Request.ContentLength ?? 0);
        connection.HeadIsAhead();
        WatchUpgrade(connection, request, context);
        if (isChunked)
            return ReadToTheEnd(connection, request, context, next);

        if (request is null)
            context.Response.OnCompleted(s_requestEnded, connection);
        else
            request.TellItsEndTo(connection);
        return Handle(request, context, next);
    }

    // In TLS every connection that is to end is told so; who is being answered need not wait for another request.
    private static readonly Func<object, Task> s_responseStarts = static connection =>
    {
        ((MidstreamConnection)connection).HeadIsAhead();
        return Task.CompletedTask;
    };

    private static readonly Func<object, Task> s_requestEnded = static connection =>
    {
        ((MidstreamConnection)connection).RequestEnds(bodyWasRead: false);
        return Task.CompletedTask;
    };

    // Only reading tells where a chunked body ends. What the application leaves unread the server would read off after the
    // response, out of our sight; so we do it, as it would: after the response, and not for long.
    private async Task ReadToTheEnd(
        MidstreamConnection connection, RequestUnderWay? request, HttpContext context, RequestDelegate next)
    {
        var wasRead = false;
        context.Response.OnCompleted(() =>
        {
            connection.RequestEnds(wasRead);
            return Task.CompletedTask;
        });
        await Handle(request, context, next);
        await context.Response.CompleteAsync();
        wasRead = await ChunkedBody.TryReadOffAsync(context.Request.BodyReader, context.RequestAborted);
    }

    private Task MarkOther(
        MidstreamConnection connection, RequestUnderWay? request, HttpContext context, RequestDelegate next)
    {
        if (HttpProtocol.IsHttp2(context.Request.Protocol) && IsInTls(connection.Kind))
            return MarkStream(connection, request, context, next);
        if (connection.Kind != ConnectionKind.Tls)
            return Handle(request, context, next);

        connection.HeadIsAhead();
        context.Response.OnStarting(s_responseStarts, connection);
        context.Response.OnCompleted(s_requestEnded, connection);
        return Handle(request, context, next);
    }

    private static bool IsInTls(ConnectionKind kind) => kind is ConnectionKind.Tls or ConnectionKind.Http2OverTls;

    private async Task MarkStream(
        MidstreamConnection connection, RequestUnderWay? request, HttpContext context, RequestDelegate next)
    {
        if (connection.Kind != ConnectionKind.Http2OverTls)
            connection.TurnsOutToBe(ConnectionKind.Http2OverTls);
        connection.Streams.Begin();
        try
        {
            await Handle(request, context, next);
            if (connection.Streams.IsAsked)
                await context.Response.CompleteAsync();
        }
        finally
        {
            await connection.Streams.EndAsync();
        }
    }

    private void WatchUpgrade(MidstreamConnection connection, RequestUnderWay? request, HttpContext context)
    {
        // Without this header there is no upgrade (RFC 9110, 7.8), and asking the server about it takes longer.
        if (context.Request.Headers.Connection.Count == 0
            || context.Features.Get<IHttpUpgradeFeature>() is not { IsUpgradableRequest: true } upgrade)
        {
            return;
        }

        var watcher = new UpgradeWatcher(upgrade, connection, request, context, logger);
        context.Features.Set<IHttpUpgradeFeature>(watcher);
        context.Features.Set(watcher);
    }

    private void AnswerProof(HttpContext context, string id)
    {
        context.Response.Headers[ReleaseHeader] = worker.Release;
        context.Response.Headers[ProveIdHeader] = id;
    }
}
