import { encodeOnnx } from '/work/main/src/compiler/lower/onnx/encode.ts';
import { constant } from '/work/main/src/compiler/shapes/size.ts';
import * as ort from 'onnxruntime-node';
const D='com.microsoft.nchwc';
const sz=(d:number[])=>d.map(constant); const T=(name:string,d:number[])=>({name,dtype:'f32' as const,dims:sz(d)});
const I=(v:number)=>({type:'int' as const,value:v}); const IS=(v:number[])=>({type:'ints' as const,value:v});
const rnd=(d:number[])=>new ort.Tensor('float32',Float32Array.from({length:d.reduce((a,b)=>a*b,1)},()=>Math.random()-0.5),d);
async function run(label:string,inputs:Record<string,number[]>,nodes:any[],last:string){
  const ins=Object.entries(inputs);
  if(label==='dot self'){nodes.forEach((n,i)=>{if(n.opType==='Conv') n.inputs=[n.inputs[0],'k'+n.inputs[0]];}); for(const [n,d] of Object.entries(inputs)) inputs['k'+n]=[d[1]!,1,d[2]!,1];insl.push(...Object.entries(inputs).filter(([n])=>n.startsWith('k')))}
  const g={name:'g',inputs:ins.map(([n,d])=>T(n,d)),outputs:[T('o',[])],nodes:[...nodes,{opType:'ReduceMax',inputs:[last],outputs:['o'],attributes:{keepdims:I(0)}}].map((n,i)=>({name:'n'+i,owner:'',attributes:{},...n})),initializers:[],values:[]};
  const s=await ort.InferenceSession.create(await encodeOnnx({graph:g,doc:'',producerVersion:'0',metadata:new Map()} as any),{graphOptimizationLevel:'disabled',intraOpNumThreads:2,enableMemPattern:false,enableProfiling:true,profileFilePrefix:'/tmp/px/one'});
  const feeds:any={}; for(const [n,d] of ins) feeds[n]=rnd(d);
  for(let i=0;i<12;i++) await s.run(feeds);
  const f=s.endProfiling() as any; const fs=await import('node:fs'); const name=fs.readdirSync('/tmp/px').filter(x=>x.startsWith('one')).sort().at(-1)!; const ev=JSON.parse(fs.readFileSync('/tmp/px/'+name,'utf8')); fs.rmSync('/tmp/px/'+name);
  const by=new Map<string,number[]>(); for(const e of ev) if(e.cat==='Node'&&e.name.endsWith('_kernel_time')){const k=e.args.op_name+' '+e.name.replace('_kernel_time',''); by.set(k,[...(by.get(k)??[]),e.dur/1000]);}
  console.log(label.padEnd(30),[...by].filter(([k])=>!k.startsWith('ReduceMax')).map(([k,t])=>k+' '+t.toSorted((a,b)=>a-b)[4]!.toFixed(2)).join('  '));
}

const N=8; const one={pads:IS([0,0,0,0]),kernel_shape:IS([1,1]),strides:IS([1,1]),dilations:IS([1,1]),group:I(1)};
const R=Number(process.argv[2]??24);
async function many(label:string,ins:Record<string,number[]>,shared:Record<string,number[]>,node:any){
  const inputs:Record<string,number[]>={...shared}; const nodes:any[]=[];
  for(let i=0;i<R;i++){ for(const [n,d] of Object.entries(ins)) inputs[n+i]=d;
    nodes.push({...node,inputs:node.inputs.map((x:string)=>x in ins?x+i:x),outputs:['y'+i]});
    nodes.push({opType:'ReduceMax',inputs:['y'+i],outputs:['r'+i],attributes:{keepdims:I(0)}}); }
  nodes.push({opType:'Sum',inputs:nodes.filter(n=>n.opType==='ReduceMax').map(n=>n.outputs[0]),outputs:['z'],attributes:{}});
  const insl=Object.entries(inputs);
  if(label==='dot self'){nodes.forEach((n,i)=>{if(n.opType==='Conv') n.inputs=[n.inputs[0],'k'+n.inputs[0]];}); for(const [n,d] of Object.entries(inputs)) inputs['k'+n]=[d[1]!,1,d[2]!,1];insl.push(...Object.entries(inputs).filter(([n])=>n.startsWith('k')))}
  const g={name:'g',inputs:insl.map(([n,d])=>T(n,d)),outputs:[T('z',[])],nodes:nodes.map((n,i)=>({name:'n'+i,owner:'',attributes:{},...n})),initializers:[],values:[]};
  const s=await ort.InferenceSession.create(await encodeOnnx({graph:g,doc:'',producerVersion:'0',metadata:new Map()} as any),{graphOptimizationLevel:'disabled',intraOpNumThreads:2,enableMemPattern:false,enableProfiling:true,profileFilePrefix:'/tmp/px/one',extra:{session:{intra_op:{allow_spinning:'1',spin_duration_us:'200'}}}} as any);
  const feeds:any={}; for(const [n,d] of insl) feeds[n]=rnd(d);
  for(let i=0;i<5;i++) await s.run(feeds);
  s.endProfiling(); const fs=await import('node:fs'); const name=fs.readdirSync('/tmp/px').filter(x=>x.startsWith('one')).sort().at(-1)!; const ev=JSON.parse(fs.readFileSync('/tmp/px/'+name,'utf8')); fs.rmSync('/tmp/px/'+name);
  const t=ev.filter((e:any)=>e.cat==='Node'&&e.name.endsWith('_kernel_time')&&e.args.op_name===node.opType).map((e:any)=>e.dur/1000).slice(R*2).toSorted((a:number,b:number)=>a-b);
  console.log(label.padEnd(40),'median',t[t.length>>1].toFixed(2),'min',t[0].toFixed(2),'max',t.at(-1).toFixed(2)); await s.release();
}

for(const [C,H] of [[160,56],[128,56],[304,28],[624,14],[128,14],[760,7]] as const){ const P=H*H; console.log('---',C,H);
  const k=P>256?(H===56?14:4):1;
  await many('GAP pieces',{x:[1,N*C*k,P/k,1]},{},{opType:'GlobalAveragePool',domain:D,inputs:['x']});
  await many('GAP whole',{x:[N,C,H,H]},{},{opType:'GlobalAveragePool',domain:D,inputs:['x']});
  await many('GAP 1,P',{x:[N,C,1,P]},{},{opType:'GlobalAveragePool',domain:D,inputs:['x']});
  await many('ReduceSum KRK',{x:[N*C/16,P,16]},{},{opType:'ReduceMean',inputs:['x'],attributes:{axes:IS([1]),keepdims:I(0)}});
  await many('dot self',{x:[1,N*C*k,P/k,1]},{},{opType:'Conv',domain:D,inputs:['x','x'],attributes:{...one,kernel_shape:IS([P/k,1]),group:I(N*C*k)}});
}
