/*
 * Wine 8 has no GetAnycastIpAddressTable, which Java 21's net.dll calls; this one returns an empty table. All other functions
 * that net.dll imports are forwarded to iphlpapi.dll (iphlpshm.def). A copy of net.dll imports this library instead.
 */
#include <windows.h>

__declspec(dllexport) DWORD WINAPI GetAnycastIpAddressTable(USHORT family, void **table) {
    *table = HeapAlloc(GetProcessHeap(), HEAP_ZERO_MEMORY, 64);
    return *table ? NO_ERROR : ERROR_NOT_ENOUGH_MEMORY;
}

BOOL WINAPI DllMain(HINSTANCE library, DWORD reason, LPVOID reserved) { return TRUE; }
