// A token's secret, shown this once.
import { Button } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { Secret } from "../../ui/secret";

export function TokenSecret({ title, secret, onClose }: { title: string; secret: string; onClose: () => void }) {
  return (
    <Dialog
      open
      onClose={onClose}
      title={title}
      wide
      footer={
        <Button look="primary" onClick={onClose}>
          I have kept it
        </Button>
      }
    >
      <Secret text={secret} label="Secret of the token" note="It is shown only now and kept nowhere. Lost ones are replaced by rotating." />
      <p className="mt-3 text-ink2">
        Send it as <code className="font-mono text-xs">Authorization: Bearer …</code>, or give it to{" "}
        <code className="font-mono text-xs">mc</code> in the variable <code className="font-mono text-xs">MC_TOKEN</code>.
      </p>
    </Dialog>
  );
}
