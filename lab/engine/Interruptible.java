package lab.engine;

import java.io.Serializable;
import java.util.List;
import org.apache.spark.InterruptibleIterator;
import org.apache.spark.TaskContext;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.SparkSessionExtensions;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.SortOrder;
import org.apache.spark.sql.catalyst.plans.physical.Partitioning;
import org.apache.spark.sql.catalyst.rules.Rule;
import org.apache.spark.sql.execution.ColumnarRule;
import org.apache.spark.sql.execution.ExpandExec;
import org.apache.spark.sql.execution.GenerateExec;
import org.apache.spark.sql.execution.SparkPlan;
import org.apache.spark.sql.execution.joins.BaseJoinExec;
import scala.Function1;
import scala.collection.Iterator;
import scala.collection.immutable.IndexedSeq;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;
import scala.reflect.ClassTag$;
import scala.runtime.AbstractFunction1;
import scala.runtime.BoxedUnit;

/**
 * An operator that passes its rows on, and ends its task when the task was cancelled.
 *
 * <p>Spark looks at that only where it reads rows: from a file, a sort, another stage. Two joins in one stage make of one row as
 * many as the product of both tables: nothing could end such a task for hours. So where an operator that makes many rows of one is
 * above another, this one stands between them.
 */
public final class Interruptible extends SparkPlan {
  private static final long serialVersionUID = 1L;

  private final SparkPlan child;

  Interruptible(SparkPlan child) {
    this.child = child;
  }

  /** What Spark finds by the setting spark.sql.extensions. */
  public static final class Extension extends AbstractFunction1<SparkSessionExtensions, BoxedUnit> {
    @Override
    public BoxedUnit apply(SparkSessionExtensions extensions) {
      extensions.injectColumnar(session -> new Last());
      return BoxedUnit.UNIT;
    }
  }

  /** Of the rules that Spark lets others add, this one is applied to each stage when all its operators are known. */
  private static final class Last extends ColumnarRule {
    @Override
    public Rule<SparkPlan> postColumnarTransitions() {
      return new Between();
    }
  }

  private static final class Between extends Rule<SparkPlan> {
    @Override
    public SparkPlan apply(SparkPlan plan) {
      return among(plan, false);
    }

    /** Return the plan with an Interruptible above each operator that multiplies rows and has another such one above. */
    private static SparkPlan among(SparkPlan plan, boolean isBelow) {
      boolean multiplies = plan instanceof BaseJoinExec || plan instanceof GenerateExec || plan instanceof ExpandExec;
      SparkPlan made = plan.mapChildren(each -> among(each, isBelow || multiplies));
      return multiplies && isBelow ? new Interruptible(made) : made;
    }
  }

  @Override
  public RDD<InternalRow> doExecute() {
    Function1<Iterator<InternalRow>, Iterator<InternalRow>> watched =
        (Function1<Iterator<InternalRow>, Iterator<InternalRow>> & Serializable)
            rows -> new InterruptibleIterator<>(TaskContext.get(), rows);
    return child.execute().mapPartitionsInternal(watched, true, ClassTag$.MODULE$.apply(InternalRow.class));
  }

  @Override
  public Seq<SparkPlan> children() {
    return CollectionConverters.asScala(List.of(child)).toSeq();
  }

  @Override
  public SparkPlan withNewChildrenInternal(IndexedSeq<SparkPlan> others) {
    return new Interruptible(others.head());
  }

  @Override
  public Seq<Attribute> output() {
    return child.output();
  }

  @Override
  public Partitioning outputPartitioning() {
    return child.outputPartitioning();
  }

  @Override
  public Seq<SortOrder> outputOrdering() {
    return child.outputOrdering();
  }

  @Override
  public int productArity() {
    return 1;
  }

  @Override
  public Object productElement(int position) {
    return child;
  }

  @Override
  public boolean canEqual(Object other) {
    return other instanceof Interruptible;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Interruptible && child.equals(((Interruptible) other).child);
  }

  @Override
  public int hashCode() {
    return 31 + child.hashCode();
  }
}
