/*
 * Wine 8 has no GetAnycastIpAddressTable, which Java 21's net.dll calls: an empty table. Everything else that net.dll takes
 * from iphlpapi.dll is forwarded there (iphlpshm.def); in a copy of net.dll, the import's name is changed to this one.
 */
#include <windows.h>

__declspec(dllexport) DWORD WINAPI GetAnycastIpAddressTable(USHORT family, void **table) {
    *table = HeapAlloc(GetProcessHeap(), HEAP_ZERO_MEMORY, 64);
    return *table ? NO_ERROR : ERROR_NOT_ENOUGH_MEMORY;
}

BOOL WINAPI DllMain(HINSTANCE library, DWORD reason, LPVOID reserved) { return TRUE; }
