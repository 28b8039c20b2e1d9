namespace Midstream;

/// <summary>What the host puts before a request's services, and finds the module by.</summary>
internal interface IModuleRequestSource
{
    ModuleRequest Request { get; }
}
