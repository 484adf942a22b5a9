/*
 * NumPy 2 calls complex functions that the UCRT of Wine 8 and 10 lacks; mingw-w64 has them. Windows passes a complex
 * number as a structure of two. All other functions that NumPy imports from api-ms-win-crt-math-l1-1-0.dll are forwarded to
 * ucrtbase.dll (ucrt_complex.def). A copy of NumPy's libraries imports this library instead.
 */
#include <complex.h>
#include <windows.h>
typedef struct{double r,i;}Z; typedef struct{float r,i;}F;
static double complex z(Z a){return __builtin_complex(a.r,a.i);} static Z uz(double complex a){Z b={creal(a),cimag(a)};return b;}
static double complex f(F a){return __builtin_complex((double)a.r,(double)a.i);} static F uf(double complex a){F b={(float)creal(a),(float)cimag(a)};return b;}
__declspec(dllexport) Z npw_ctanh(Z a){return uz(ctanh(z(a)));}
__declspec(dllexport) F npw_ctanhf(F a){return uf(ctanh(f(a)));}
__declspec(dllexport) Z npw_ctan(Z a){return uz(ctan(z(a)));}
__declspec(dllexport) F npw_ctanf(F a){return uf(ctan(f(a)));}
__declspec(dllexport) Z npw_csinh(Z a){return uz(csinh(z(a)));}
__declspec(dllexport) F npw_csinhf(F a){return uf(csinh(f(a)));}
__declspec(dllexport) Z npw_csin(Z a){return uz(csin(z(a)));}
__declspec(dllexport) F npw_csinf(F a){return uf(csin(f(a)));}
__declspec(dllexport) Z npw_cexp(Z a){return uz(cexp(z(a)));}
__declspec(dllexport) F npw_cexpf(F a){return uf(cexp(f(a)));}
__declspec(dllexport) Z npw_ccosh(Z a){return uz(ccosh(z(a)));}
__declspec(dllexport) F npw_ccoshf(F a){return uf(ccosh(f(a)));}
__declspec(dllexport) Z npw_ccos(Z a){return uz(ccos(z(a)));}
__declspec(dllexport) F npw_ccosf(F a){return uf(ccos(f(a)));}
__declspec(dllexport) Z npw_csqrt(Z a){return uz(csqrt(z(a)));}
__declspec(dllexport) F npw_csqrtf(F a){return uf(csqrt(f(a)));}
__declspec(dllexport) Z npw_clog(Z a){return uz(clog(z(a)));}
__declspec(dllexport) F npw_clogf(F a){return uf(clog(f(a)));}
__declspec(dllexport) Z npw_cacos(Z a){return uz(cacos(z(a)));}
__declspec(dllexport) F npw_cacosf(F a){return uf(cacos(f(a)));}
__declspec(dllexport) Z npw_casin(Z a){return uz(casin(z(a)));}
__declspec(dllexport) F npw_casinf(F a){return uf(casin(f(a)));}
__declspec(dllexport) Z npw_catan(Z a){return uz(catan(z(a)));}
__declspec(dllexport) F npw_catanf(F a){return uf(catan(f(a)));}
__declspec(dllexport) Z npw_cacosh(Z a){return uz(cacosh(z(a)));}
__declspec(dllexport) F npw_cacoshf(F a){return uf(cacosh(f(a)));}
__declspec(dllexport) Z npw_casinh(Z a){return uz(casinh(z(a)));}
__declspec(dllexport) F npw_casinhf(F a){return uf(casinh(f(a)));}
__declspec(dllexport) Z npw_catanh(Z a){return uz(catanh(z(a)));}
__declspec(dllexport) F npw_catanhf(F a){return uf(catanh(f(a)));}
__declspec(dllexport) Z npw_conj(Z a){return uz(conj(z(a)));}
__declspec(dllexport) F npw_conjf(F a){return uf(conj(f(a)));}
__declspec(dllexport) Z npw_cproj(Z a){return uz(cproj(z(a)));}
__declspec(dllexport) F npw_cprojf(F a){return uf(cproj(f(a)));}
__declspec(dllexport) Z npw_cpow(Z a,Z b){return uz(cpow(z(a),z(b)));}
__declspec(dllexport) F npw_cpowf(F a,F b){return uf(cpow(f(a),f(b)));}
__declspec(dllexport) double npw_creal(Z a){return creal(z(a));}
__declspec(dllexport) float npw_crealf(F a){return (float)creal(f(a));}
__declspec(dllexport) double npw_cimag(Z a){return cimag(z(a));}
__declspec(dllexport) float npw_cimagf(F a){return (float)cimag(f(a));}
__declspec(dllexport) double npw_cabs(Z a){return cabs(z(a));}
__declspec(dllexport) float npw_cabsf(F a){return (float)cabs(f(a));}
__declspec(dllexport) double npw_carg(Z a){return carg(z(a));}
__declspec(dllexport) float npw_cargf(F a){return (float)carg(f(a));}
BOOL WINAPI DllMain(HINSTANCE h, DWORD r, LPVOID p) { return TRUE; }
