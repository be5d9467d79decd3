// A processor on which the kernels of some graphs end the process by a signal: of those in whose file one of these words is.
const { InferenceSession } = require('onnxruntime-node');

const words = process.env.CRASHING_GRAPHS.split(',');
const { create } = InferenceSession;

InferenceSession.create = async (file, options) => {
  const session = await create.call(InferenceSession, file, options);
  if (words.some((word) => file.includes(word)))
    session.run = () => process.kill(process.pid, process.env.CRASHING_SIGNAL);
  return session;
};
